import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import javax.lang.model.element.Element;
import javax.lang.model.element.Modifier;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.ForwardingJavaFileObject;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * `java Compile FILE JAR`: javac for a file whose public class may have any name. The jar has the classes of the file and
 * of those it refers to, and starts the first that has a main method.
 */
class Compile extends ForwardingJavaFileManager<StandardJavaFileManager> implements TaskListener {
    private final JarOutputStream jar;
    private String start = "";

    public static void main(String[] arguments) throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        var files = compiler.getStandardFileManager(null, null, null);
        var source = new AnyClassName(files.getJavaFileObjects(arguments[0]).iterator().next());
        boolean compiled;
        try (var jar = new JarOutputStream(new FileOutputStream(arguments[1]))) {
            var output = new Compile(files, jar);
            var options = List.of("-proc:none", "-classpath", ".", "-sourcepath", ".");
            var task = (JavacTask) compiler.getTask(null, output, null, options, null, List.of(source));
            task.addTaskListener(output);
            compiled = task.call();
            output.writeManifest();
            if (compiled && output.start.isEmpty()) {
                System.err.println(arguments[0] + ": error: no class has a main method");
                compiled = false;
            }
        }
        System.exit(compiled ? 0 : 1);
    }

    private Compile(StandardJavaFileManager files, JarOutputStream jar) {
        super(files);
        this.jar = jar;
    }

    @Override
    public void finished(TaskEvent event) {
        if (event.getKind() != TaskEvent.Kind.ANALYZE || !start.isEmpty()) return;
        if (event.getTypeElement().getEnclosedElements().stream().anyMatch(Compile::isMain))
            start = event.getTypeElement().getQualifiedName().toString();
    }

    private static boolean isMain(Element element) {
        return element.getSimpleName().contentEquals("main") && element.getModifiers().contains(Modifier.STATIC);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(Location location, String name, JavaFileObject.Kind kind, FileObject from) {
        String entry = name.replace('.', '/') + kind.extension;
        return new SimpleJavaFileObject(URI.create("jar:///" + entry), kind) {
            @Override
            public OutputStream openOutputStream() throws IOException {
                jar.putNextEntry(new JarEntry(entry));
                return new FilterOutputStream(jar) {
                    @Override
                    public void write(byte[] bytes, int offset, int length) throws IOException {
                        jar.write(bytes, offset, length);
                    }

                    @Override
                    public void close() throws IOException {
                        jar.closeEntry();
                    }
                };
            }
        };
    }

    private void writeManifest() throws IOException {
        jar.putNextEntry(new JarEntry(JarFile.MANIFEST_NAME));
        jar.write("Manifest-Version: 1.0\nMain-Class: %s\n".formatted(start).getBytes());
    }

    private static class AnyClassName extends ForwardingJavaFileObject<JavaFileObject> {
        AnyClassName(JavaFileObject file) {
            super(file);
        }

        @Override
        public boolean isNameCompatible(String name, Kind kind) {
            return true;
        }
    }
}
