// The search would start a worker of its own from a text.
Redoc.init("openapi.json", { disableSearch: true }, document.getElementById("api"));
