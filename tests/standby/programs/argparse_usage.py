import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--number", type=int, required=True)
print(parser.parse_args())
