import multiprocessing
from multiprocessing import shared_memory


def fill(name):
    memory = shared_memory.SharedMemory(name=name)
    memory.buf[:3] = b"abc"
    memory.close()


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    memory = shared_memory.SharedMemory(create=True, size=16)
    process = multiprocessing.Process(target=fill, args=(memory.name,))
    process.start()
    process.join()
    print(bytes(memory.buf[:3]))
    memory.close()
    memory.unlink()
