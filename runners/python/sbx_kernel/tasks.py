"""One event loop for all cells: what one of them starts goes on in the next, and between them."""


class Tasks:
    def __init__(self):
        self._loop = None

    def run(self, work):
        """The coroutine's value. An interrupt cancels it and is raised."""
        import asyncio

        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        task = self._loop.create_task(work)
        try:
            return self._loop.run_until_complete(task)
        except KeyboardInterrupt:
            task.cancel()
            self._loop.run_until_complete(asyncio.wait([task], timeout=1))
            if task.done() and not task.cancelled():
                task.exception()  # seen: asyncio needn't complain
            raise

    def go_on(self, descriptor: int) -> None:
        """Lets unfinished tasks go on until the descriptor can be read."""
        if self._loop is None or self._loop.is_closed():
            return
        import asyncio

        if not asyncio.all_tasks(self._loop):
            return
        came = self._loop.create_future()
        self._loop.add_reader(descriptor, lambda: came.done() or came.set_result(None))
        try:
            self._loop.run_until_complete(came)
        finally:
            self._loop.remove_reader(descriptor)
