console.log("hello");
console.error("problem");
