"""Runs peers in turn and shows how long each took beside the first, which is ours."""

import argparse
import json
import statistics


def measure(peers, rounds, between):
    """Milliseconds of every round but the first, which warms caches: {name: [ms]}.

    `peers` are functions that give the seconds they took; `between` is called after each.
    """
    times = {name: [] for name in peers}
    for number in range(rounds + 1):
        for name, run in peers.items():
            seconds = run()
            between()
            if number > 0:
                times[name].append(seconds * 1000)
    return times


def read_arguments(documentation, rounds, languages=()):
    parser = argparse.ArgumentParser(description=documentation, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--json", action="store_true")
    if languages:
        parser.add_argument("language", nargs="?", choices=languages, default=languages[0])
    return parser.parse_args()


def show(times, as_json):
    medians = {name: statistics.median(values) for name, values in times.items()}
    if as_json:
        print(json.dumps({"median_ms": medians, "times_ms": times}))
        return
    ours = next(iter(medians.values()))
    print(f"{'':18}{'median ms':>11}{'min':>8}{'max':>8}{'sbx against it':>16}")
    for name, values in times.items():
        print(f"{name:18}{medians[name]:11.1f}{min(values):8.1f}{max(values):8.1f}{ours / medians[name]:16.2f}")
