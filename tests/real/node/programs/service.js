// A small REST service and its client, both in the sandbox, over loopback.
const express = require("express");

const notes = new Map();
const service = express();
service.use(express.json());
service.post("/notes", (request, response) => {
    if (typeof request.body.text !== "string") return response.status(400).json({ error: "text is missing" });
    const id = notes.size + 1;
    notes.set(id, { id, text: request.body.text });
    response.status(201).location(`/notes/${id}`).json(notes.get(id));
});
service.get("/notes", (_, response) => response.json([...notes.values()]));
service.delete("/notes/:id", (request, response) => {
    response.sendStatus(notes.delete(Number(request.params.id)) ? 204 : 404);
});

const server = service.listen(0, "localhost", async () => {
    const base = `http://localhost:${server.address().port}`;
    const call = async (method, path, body) => {
        const headers = { "content-type": "application/json" };
        const response = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
        console.log([method, path, response.status, await response.text()].join(" ").trim());
    };
    await call("POST", "/notes", { text: "zażółć gęślą jaźń" });
    await call("POST", "/notes", { text: "second" });
    await call("POST", "/notes", {});
    await call("GET", "/notes");
    await call("DELETE", "/notes/1");
    await call("DELETE", "/notes/1");
    await call("GET", "/notes");
    server.close();
    server.closeAllConnections();
});
