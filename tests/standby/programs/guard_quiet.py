VALUE = 1
if __name__ == "__main__":
    print("run as the program")
