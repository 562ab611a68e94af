"""What `device-turns.mjs` measures, for PyTorch: under events of CUDA, or by the clock on the processor."""

import time

import torch

TURN_MS = 50
MOST_RUNS = 200
MOST_TURNS = 20
PATIENCE_MS = 10_000


def time_turns(run, seconds, device):
    """Milliseconds of one run in each of some turns of several runs; the first run is not counted."""

    def turn(runs):
        if device == "cpu":
            begun = time.perf_counter()
            for _ in range(runs):
                run()
            return (time.perf_counter() - begun) * 1e3 / runs
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        for _ in range(runs):
            run()
        end.record()
        end.synchronize()
        return begin.elapsed_time(end) / runs

    first = turn(1)
    if first > PATIENCE_MS:
        return {"milliseconds": [first], "runs": 1, "cut": True}
    runs = min(MOST_RUNS, max(1, round(TURN_MS / turn(1))))
    milliseconds = []
    stop = time.perf_counter() + seconds
    while not milliseconds or (time.perf_counter() < stop and len(milliseconds) < MOST_TURNS):
        milliseconds.append(turn(runs))
    return {"milliseconds": milliseconds, "runs": runs, "cut": False}
