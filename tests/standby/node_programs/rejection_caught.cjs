process.on("unhandledRejection", (reason, promise) => console.log("caught", reason, promise));
Promise.reject(new Error("x").message);
