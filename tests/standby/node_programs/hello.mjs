console.log("hello", typeof require);
