"""Runs a Python program that calls the tools of its client: as librechat.py does, with `await` at the top.

usage: programmatic.py FILE TOOLS 3>REQUESTS <RESULTS
FILE   the program
TOOLS  JSON list of {"name", "description"?, "parameters"?}; removed before the program starts

Each tool is an async function of the program. What goes over the two channels is in tool_channel.py.
"""

import ast
import asyncio
import json
import os
import sys

import librechat
import tool_channel

IS_COROUTINE = 0x80  # of a code object's flags


def main(file, place):
    calls = Calls(tool_channel.Channel())
    tools = tool_channel.take_tools(place)
    librechat.prepare()
    program = librechat.become_main(file)
    for own in ("librechat", "tool_channel"):
        del sys.modules[own]
    names = dict(vars(program))
    for tool in tools:
        vars(program)[tool_channel.python_name(tool["name"])] = calls.function(tool)
    vars(program).pop("", None)
    vars(program).update(names, asyncio=asyncio, json=json)
    librechat.run_plainly(lambda: run(program))


def run(program):
    code = librechat.compiled(program.__file__, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if not code.co_flags & IS_COROUTINE:
        exec(code, program.__dict__)
        return
    try:
        asyncio.run(eval(code, program.__dict__))
    except BaseException as error:
        error.__traceback__ = from_program(error.__traceback__, program.__file__)
        raise


def from_program(trace, path):
    """Without the frames of the event loop; all of it where the program has none."""
    at = trace
    while at is not None and at.tb_frame.f_code.co_filename != path:
        at = at.tb_next
    return at or trace


class Calls:
    """The tools' functions. Calls may come from any event loop of the process that they were made for."""

    def __init__(self, channel):
        self.channel = channel
        self.process = os.getpid()

    def function(self, tool):
        own_name = tool_channel.python_name(tool["name"])
        parameters = tool.get("parameters")
        properties = parameters.get("properties") if isinstance(parameters, dict) else None
        order = list(properties) if isinstance(properties, dict) else []

        async def function(*positions, **keywords):
            return await self.call(tool["name"], arguments(own_name, order, positions, keywords))

        function.__name__ = function.__qualname__ = own_name
        function.__module__ = "__main__"
        description = tool.get("description")
        function.__doc__ = description if isinstance(description, str) else None
        return function

    async def call(self, name, given):
        if os.getpid() != self.process:
            raise RuntimeError("tools cannot be called in a child process")
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        call = self.channel.send(name, given, lambda told: hand_over(loop, answer, told))
        try:
            told = await answer
        finally:
            self.channel.forget(call)
        failure = tool_channel.failure_of(told)
        if failure is not None:
            raise RuntimeError(failure)
        return told.get("result")


def arguments(name, order, positions, keywords):
    """By name, without those that are None."""
    if len(positions) > len(order):
        raise TypeError(f"{name}() takes {len(order)} positional arguments but {len(positions)} were given")
    given = dict(zip(order, positions))
    for twice in given.keys() & keywords.keys():
        raise TypeError(f"{name}() got multiple values for argument '{twice}'")
    given.update(keywords)
    return {key: value for key, value in given.items() if value is not None}


def hand_over(loop, answer, told):
    def settle():
        if not answer.done():
            answer.set_result(told)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        pass  # the loop has ended


if __name__ == "__main__":
    main(*sys.argv[1:])
