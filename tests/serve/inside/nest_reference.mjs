// The app dialect's requests as NestJS itself takes them, on Fastify and with its usual validation: what it says to
// each request of stdin, a JSON list of [method, target, headers, body]; answers are a list of [status, headers, body].
import "reflect-metadata";
import { readFileSync } from "node:fs";
import http from "node:http";
import { Body, Controller, Delete, Get, Module, Post, ValidationPipe } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import validator from "class-validator";

const { IsArray, IsBoolean, IsIn, IsOptional, IsString } = validator;
const languages = process.argv[2].split(",");

const decorate = (type, name, ...rules) => rules.reverse().forEach((rule) => rule(type.prototype, name));

class SessionWish {}
decorate(SessionWish, "lang", IsOptional(), IsString(), IsIn(languages));
decorate(SessionWish, "keep_template", IsOptional(), IsBoolean());
class SessionCode {}
decorate(SessionCode, "code", IsString());
decorate(SessionCode, "libraries", IsOptional(), IsArray(), IsString({ each: true }));
class Code {}
decorate(Code, "code", IsString());
decorate(Code, "lang", IsOptional(), IsString(), IsIn(languages));
decorate(Code, "keep_template", IsOptional(), IsBoolean());
decorate(Code, "libraries", IsOptional(), IsArray(), IsString({ each: true }));

class Sessions {
    root() { return { status: "ok" }; }
    create() { return {}; }
    list() { return {}; }
    run() { return {}; }
    close() { return {}; }
    execute() { return {}; }
}
const route = (name, method, path, body) => {
    const descriptor = Object.getOwnPropertyDescriptor(Sessions.prototype, name);
    method(path)(Sessions.prototype, name, descriptor);
    if (body) {
        Body()(Sessions.prototype, name, 0);
        Reflect.defineMetadata("design:paramtypes", [body], Sessions.prototype, name);
    }
};
route("root", Get, "/");
route("create", Post, "/sessions", SessionWish);
route("list", Get, "/sessions");
route("run", Post, "/sessions/:id/execute", SessionCode);
route("close", Delete, "/sessions/:id");
route("execute", Post, "/sandbox/execute", Code);
Controller()(Sessions);
class App {}
Module({ controllers: [Sessions] })(App);

const app = await NestFactory.create(App, new FastifyAdapter(), { logger: false });
app.useGlobalPipes(new ValidationPipe());
await app.listen(0, "127.0.0.1");
const { port } = app.getHttpServer().address();

const ask = ([method, path, headers, body]) =>
    new Promise((resolve, reject) => {
        const length = body === null ? {} : { "content-length": Buffer.byteLength(body) };
        const request = http.request({ port, method, path, headers: { ...headers, ...length } }, (answer) => {
            let text = "";
            answer.setEncoding("utf8").on("data", (piece) => (text += piece));
            answer.on("end", () => resolve([answer.statusCode, answer.headers, text]));
        });
        request.on("error", reject);
        request.end(body ?? undefined);
    });
const answers = [];
for (const request of JSON.parse(readFileSync(0, "utf8"))) answers.push(await ask(request));
console.log(JSON.stringify(answers));
process.exit(0);
