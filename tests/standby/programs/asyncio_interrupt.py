import asyncio


async def main():
    print("ready", flush=True)
    try:
        await asyncio.sleep(30)
    finally:
        print("cleaned up")


asyncio.run(main())
