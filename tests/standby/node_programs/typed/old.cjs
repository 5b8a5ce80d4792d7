console.log(__filename, module.paths.length);
import("#own").then(({ default: own }) => console.log(own));
