#!/usr/bin/env python3
print("first line is a comment")
