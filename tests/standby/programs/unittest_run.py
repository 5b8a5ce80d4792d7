import re
import sys
import unittest


class Tests(unittest.TestCase):
    def test_passes(self):
        self.assertEqual(1, 1)

    def test_fails(self):
        self.assertEqual(1, 2)


if __name__ == "__main__":
    import io
    stream = io.StringIO()
    result = unittest.main(exit=False, testRunner=unittest.TextTestRunner(stream=stream)).result
    print(re.sub(r"in \d+\.\d+s", "in TIME", stream.getvalue()))
    sys.exit(len(result.failures))
