from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def square(number):
    return number * number


if __name__ == "__main__":
    with ThreadPoolExecutor(4) as pool:
        print(list(pool.map(square, range(10))))
    with ProcessPoolExecutor(2) as pool:
        print(list(pool.map(square, range(10))))
