package org.llmgine.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class PluginsCommandTest {
    private static final String PLUGIN = """
            {"id":"greeter","symbolicName":"example.greeter","kinds":["tool"],"name":"","description":"It greets.",
            "enabled":true,"active":"1.1.0","versions":[
            {"version":"1.1.0","state":"active","leases":2,"source":"upload","installedBy":"ann","problem":null},
            {"version":"1.0.0","state":"failed","leases":0,"source":"mvn:g/a/1","installedBy":"system","problem":"It broke."}],
            "figures":{"toolThreads":3,"leftBehind":["llmgine-tool-greeter-1"],"classLoaders":2,"instances":[
            {"kind":"tool","name":"greet","version":"1.1.0","calls":12,"errors":1,"inFlight":2,"p50Ms":0.25,"p99Ms":3.04,"problem":null}]}}""".replace("\n", "");
    private static final String REPORT =
            "{\"id\":\"greeter\",\"version\":\"1.1.0\",\"checks\":[{\"name\":\"jar\",\"passed\":true,\"message\":\"It is one.\"}],"
                    + "\"replaced\":\"1.0.0\",\"installed\":true}";

    private final FakeSessions answers = new FakeSessions();
    private final Console console = new Console().with("LLMGINE_KEY", "k-123");
    private ScriptedHost host;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() {
        host = new ScriptedHost(answers);
        console.with("LLMGINE_HTTP_PORT", host.port());
    }

    @AfterEach
    void stop() {
        host.close();
    }

    private String asked() {
        ScriptedHost.Request last = host.requests.getLast();
        return last.method() + " " + last.path();
    }

    @Test
    void pluginsAreListed() {
        answers.json(
                "GET /api/plugins",
                "{\"items\":[" + PLUGIN + "," + PLUGIN.replace("\"enabled\":true", "\"enabled\":false") + "]}");

        assertThat(console.run("plugins")).isZero();

        assertThat(console.out().lines())
                .containsExactly(
                        "PLUGIN   KIND  VERSION  STATE     KEPT  DESCRIPTION",
                        "greeter  tool  1.1.0    active    2     It greets.",
                        "greeter  tool  1.1.0    disabled  2     It greets.");
        answers.json("GET /api/plugins", "{\"items\":[]}");
        assertThat(console.run("plugins", "list")).isZero();
        assertThat(console.err()).isEqualTo("There are no plugins.\n");
    }

    @Test
    void aPluginIsShownWithItsVersions() {
        answers.json("GET /api/plugins/greeter", PLUGIN);

        assertThat(console.run("plugins", "show", "greeter")).isZero();

        assertThat(console.out().lines())
                .contains(
                        "active        1.1.0",
                        "toolThreads   3",
                        "leftBehind    [llmgine-tool-greeter-1]",
                        "classLoaders  2",
                        "VERSION  STATE   RUNNING  SOURCE     BY      PROBLEM",
                        "1.1.0    active  2        upload     ann",
                        "1.0.0    failed  0        mvn:g/a/1  system  It broke.",
                        "KIND  INSTANCE  VERSION  CALLS  ERRORS  RUNNING  P50 MS  P99 MS  PROBLEM",
                        "tool  greet     1.1.0    12     1       2        0.3     3.0");
    }

    @Test
    void aJarIsSent() throws IOException {
        Path jar = Files.writeString(folder.resolve("greeter.jar"), "PK");
        answers.json("POST /api/plugins", REPORT);

        assertThat(console.run("plugins", "install", "--sha256", "ab", jar.toString()))
                .as(console.err())
                .isZero();

        assertThat(console.out()).isEqualTo("greeter 1.1.0 serves, in place of 1.0.0.\n");
        assertThat(asked()).isEqualTo("POST /api/plugins?dryRun=false&sha256=ab");
        assertThat(host.requests.getLast().body()).isEqualTo("PK");
    }

    @Test
    void anAddressIsHandedOn() {
        answers.json("POST /api/plugins", REPORT.replace("\"replaced\":\"1.0.0\"", "\"replaced\":null"));

        assertThat(console.run("plugins", "install", "mvn:g/a/1")).isZero();

        assertThat(console.out()).isEqualTo("greeter 1.1.0 serves.\n");
        assertThat(host.requests.getLast().body()).isEqualTo("{\"url\":\"mvn:g/a/1\"}");
    }

    @Test
    void anIdIsLookedUpInTheCatalogues() {
        answers.json("POST /api/plugins", REPORT);

        assertThat(console.run("plugins", "install", "greeter")).isZero();
        assertThat(host.requests.getLast().body()).isEqualTo("{\"catalogue\":\"greeter\"}");
        assertThat(console.run("plugins", "install", "greeter", "1.1.0")).isZero();
        assertThat(host.requests.getLast().body()).contains("\"catalogue\":\"greeter\"", "\"version\":\"1.1.0\"");
        assertThat(console.run("plugins", "install", "greeter.jar", "1.1.0")).isEqualTo(1);
        assertThat(console.err()).isEqualTo("llmgine: Only an id goes with a version, and greeter.jar is none.\n");
    }

    @Test
    void theCataloguesAreListed() {
        answers.json("GET /api/plugins/catalogue", """
                {"items":[{"catalogue":"LLMgine","id":"greeter","kinds":["tool"],"description":"It greets.","versions":[
                {"version":"2.0.0","sha256":"ab","problem":"It was built for another api."},
                {"version":"1.0.0","sha256":"cd","problem":null}]}],"problems":["The catalogue x can't be used: It is not signed."]}""".replace("\n", ""));

        assertThat(console.run("plugins", "catalogue", "greet things")).isZero();

        assertThat(asked()).isEqualTo("GET /api/plugins/catalogue?q=greet%20things");
        assertThat(console.out().lines())
                .containsExactly(
                        "PLUGIN   KIND  VERSION  CATALOGUE  DESCRIPTION",
                        "greeter  tool  2.0.0    LLMgine    It greets.",
                        "greeter  tool  1.0.0    LLMgine    It greets.",
                        "greeter 2.0.0: It was built for another api.",
                        "The catalogue x can't be used: It is not signed.");
        answers.json("GET /api/plugins/catalogue", "{\"items\":[],\"problems\":[]}");
        assertThat(console.run("plugins", "catalogue")).isZero();
        assertThat(console.err()).isEqualTo("No catalogue offers such a plugin.\n");
    }

    @Test
    void aDryRunShowsTheChecks() {
        String dry = REPORT.replace("\"installed\":true", "\"installed\":false");
        answers.json("POST /api/plugins", dry);
        assertThat(console.run("plugins", "install", "--dry-run", "file:/x.jar"))
                .isZero();
        assertThat(console.out()).isEqualTo("ok    It is one.\ngreeter 1.1.0 can be installed; nothing has changed.\n");

        answers.json("POST /api/plugins", dry.replace("\"passed\":true", "\"passed\":false"));
        assertThat(console.run("plugins", "install", "--dry-run", "file:/x.jar"))
                .isEqualTo(1);
        assertThat(console.out()).endsWith("FAIL  It is one.\n");
        assertThat(console.err()).isEqualTo("llmgine: It can't be installed; nothing has changed.\n");
    }

    @Test
    void aFileThatIsNotThereIsSaid() {
        assertThat(console.run("plugins", "install", "none.jar")).isEqualTo(1);
        assertThat(console.err()).isEqualTo("llmgine: There is no file none.jar.\n");
    }

    @Test
    void onePluginIsRolledBackSwitchedOffAndOnAndRemoved() {
        answers.json("POST /api/plugins/greeter/rollback", PLUGIN)
                .json("POST /api/plugins/greeter/disable", PLUGIN)
                .json("POST /api/plugins/greeter/enable", PLUGIN)
                .json("DELETE /api/plugins/greeter", PLUGIN);

        assertThat(console.run("plugins", "rollback", "greeter")).isZero();
        assertThat(asked()).isEqualTo("POST /api/plugins/greeter/rollback");
        assertThat(console.run("plugins", "rollback", "greeter", "1.1.0")).isZero();
        assertThat(asked()).isEqualTo("POST /api/plugins/greeter/rollback?version=1.1.0");
        assertThat(console.run("plugins", "disable", "greeter")).isZero();
        assertThat(console.run("plugins", "enable", "greeter")).isZero();
        assertThat(console.run("plugins", "remove", "greeter")).isZero();

        assertThat(console.out().lines())
                .containsExactly(
                        "greeter 1.1.0 serves.",
                        "greeter 1.1.0 serves.",
                        "greeter 1.1.0 is disabled.",
                        "greeter 1.1.0 serves.",
                        "greeter 1.1.0 is removed.");
    }
}
