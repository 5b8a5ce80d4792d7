import multiprocessing
import sys


def fail():
    sys.exit(3)


def raise_error():
    raise RuntimeError("in a worker")


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    process = context.Process(target=fail)
    process.start()
    process.join()
    print(process.exitcode)
    with context.Pool(1) as pool:
        try:
            pool.apply(raise_error)
        except RuntimeError as error:
            print(error, error.__cause__ is not None)
