async def forgotten():
    pass


forgotten()
print("end")
