import asyncio


async def child(number):
    await asyncio.sleep(0.01 * number)
    return number


async def main():
    print(await asyncio.gather(*(child(number) for number in range(5))))
    process = await asyncio.create_subprocess_exec("echo", "from child", stdout=asyncio.subprocess.PIPE)
    print((await process.communicate())[0])
    try:
        await asyncio.wait_for(asyncio.sleep(10), 0.02)
    except asyncio.TimeoutError as error:
        print(type(error).__name__)


asyncio.run(main())
