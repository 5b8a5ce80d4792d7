def again(depth):
    if not depth:
        raise RuntimeError("deep enough\nwith a second line")
    again(depth - 1)


again(50)
