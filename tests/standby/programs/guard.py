def main():
    print("main")
    return 4


if __name__ == "__main__":
    raise SystemExit(main())
