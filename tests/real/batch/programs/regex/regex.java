import java.io.IOException;
import java.util.List;
import java.util.regex.Pattern;

public class Regex {
    static final List<String> PATTERNS = List.of(
        "agg[act]aa", "ga(tt|cc)a", "[B-Y]{2}", "a{5,}", "(ct){3}", "g[BDK]t|t[VWY]g", "^[acgt]+$");

    public static void main(String[] arguments) throws IOException {
        String text = new String(System.in.readAllBytes());
        PATTERNS.stream().map(pattern -> Pattern.compile(pattern, Pattern.MULTILINE))
            .forEach(pattern -> System.out.println(pattern + " " + pattern.matcher(text).results().count()));
        String bare = text.replaceAll(">.*\n|\n", "");
        String marked = bare.replaceAll("[B-Y]+", "<$0>");
        System.out.printf("%d %d %d%n", text.length(), bare.length(), marked.length());
    }
}
