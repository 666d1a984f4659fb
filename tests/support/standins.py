"""Workers that answer at once: what a parent does with them hangs on no training."""

import os
import signal
import time
from multiprocessing.connection import Connection

from dagm_transfer.events.event import Begin, Evaluation, Timing
from dagm_transfer.sweep.messages import Equipment, Failure, Result, Stop, Task


def work(connection: Connection, equipment: Equipment) -> None:
    """Answer each task as the study's name says; trial numbers count what was handed out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        if not isinstance(task, Task):
            continue
        accuracy = 1 - abs(float(task.point["learning_rate"]) - 1e-3)
        connection.send(begin(task))
        stopped = False
        for step in range(0, 30, 10):
            reached = {"val/accuracy": accuracy * step / 30}
            connection.send(Evaluation(step, reached, Timing(time.time())))
        if equipment.study == "dies" and task.number % 3 == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        if equipment.study == "dies always":
            os._exit(7)
        if equipment.study == "waits":
            time.sleep(600)
        if equipment.study == "stops" and connection.poll(2.0 if task.number > 5 else 0.0):
            stopped = isinstance(connection.recv(), Stop)
        fatal = equipment.study == "cannot go on"
        failed = (
            equipment.study == "fails always"
            or fatal
            or (equipment.study == "fails" and task.number % 3 == 1)
        )
        if failed:
            connection.send(Failure(f"no luck with trial {task.number}", fatal))
        else:
            connection.send(Result(accuracy / (1 + stopped), 20, True, False, {}))


def begin(task: Task) -> Begin:
    """The first line of a trial's log."""
    return Begin(
        identity=f"identity {task.number}", key=f"trial {task.number}", variant="sweep", seed=0,
        kind="training", params={}, data={}, source={}, environment={},
        timing=Timing(time.time()),
    )  # fmt: skip
