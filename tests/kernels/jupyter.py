"""The peer: Jupyter's ipykernel, asked the same cells through jupyter_client. Runs in the peer's interpreter.

Reads a JSON list of cells from stdin ({"code", "interrupt"}), writes a JSON list of what each gave.
"""

import json
import sys
import time

from jupyter_client.manager import start_new_kernel


def run(manager, client, cell):
    """What one cell gave, in the shape of the comparison."""
    request = client.execute(cell["code"], allow_stdin=False)
    seen = {"status": None, "error": None, "result": None, "displays": [], "updates": [], "out": "", "err": ""}
    if cell.get("interrupt"):
        time.sleep(0.5)
        manager.interrupt_kernel()
    while True:
        message = client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "execute_result":
            seen["result"] = content["data"]
        elif kind == "display_data":
            seen["displays"].append(content["data"])
        elif kind == "update_display_data":
            seen["updates"].append(content["data"])
        elif kind == "stream":
            seen["out" if content["name"] == "stdout" else "err"] += content["text"]
        elif kind == "status" and content["execution_state"] == "idle":
            break
    while (reply := client.get_shell_msg(timeout=60))["parent_header"].get("msg_id") != request:
        pass
    seen["status"] = reply["content"]["status"]
    seen["error"] = reply["content"].get("ename")
    for payload in reply["content"].get("payload", []):
        seen["out"] += payload.get("data", {}).get("text/plain", "")
    return seen


def main():
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        json.dump([run(manager, client, cell) for cell in json.load(sys.stdin)], sys.stdout)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


main()
