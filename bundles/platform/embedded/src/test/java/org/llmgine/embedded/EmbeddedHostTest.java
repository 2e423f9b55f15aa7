package org.llmgine.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.engine.TurnOutcome;
import org.llmgine.api.message.Message;
import org.llmgine.api.message.TextPart;
import org.llmgine.api.message.ToolCall;
import org.llmgine.api.model.ModelRequest;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.ToolFinished;
import org.llmgine.api.tool.ToolResult;
import org.llmgine.bus.Cancellation;
import org.llmgine.core.command.InstanceEntry;
import org.llmgine.core.command.ListInstances;
import org.llmgine.core.command.TurnSummary;
import org.llmgine.core.session.CreateSession;
import org.llmgine.core.session.FollowTurn;
import org.llmgine.core.session.GetSession;
import org.llmgine.core.session.Session;
import org.llmgine.core.session.SessionDraft;
import org.llmgine.core.session.SessionTurn;
import org.llmgine.core.session.StartTurn;
import org.llmgine.core.session.TurnDraft;
import org.llmgine.core.session.TurnReader;
import org.llmgine.testkit.RecordingEmitter;
import org.llmgine.testkit.ScriptedProvider;
import org.llmgine.testkit.ScriptedStream;

class EmbeddedHostTest {
    private static final Map<String, Object> QUICK = Map.of("delayMs", 0);

    @TempDir
    Path folder;

    private final RecordingEmitter emitter = new RecordingEmitter();
    private @Nullable EmbeddedHost open;

    @AfterEach
    void close() {
        if (open != null) {
            open.close();
        }
    }

    private EmbeddedHost host() {
        return start(EmbeddedHost.builder());
    }

    private EmbeddedHost start(EmbeddedHost.Builder builder) {
        EmbeddedHost host =
                builder.configure("org.llmgine.provider.offline", QUICK).start();
        open = host;
        return host;
    }

    private static ModelRequest ask(String model, String prompt) {
        return ModelRequest.builder(model)
                .messages(List.of(Message.user(prompt)))
                .build();
    }

    private static List<String> providers(EmbeddedHost host) {
        return host.commands().execute(new ListInstances(Principal.SYSTEM, LlmginePlugin.PROVIDER)).stream()
                .map(InstanceEntry::name)
                .toList();
    }

    @Test
    void pluginsOfTheClassPathServe() {
        TurnSummary summary = host().run(ask("default", "Count to 3"), emitter);

        assertThat(summary.model()).isEqualTo("offline/demo");
        assertThat(summary.finishReason()).isEqualTo(Finish.STOP);
        assertThat(emitter.text()).isEqualTo("1 2 3");
        assertThat(emitter.events().getLast()).isEqualTo(new Finish(Finish.STOP));
    }

    @Test
    void objectsAreProvidersEnginesAndTools() {
        ScriptedProvider provider = new ScriptedProvider()
                .answer(ScriptedStream.calls(new ToolCall("1", "shout", "{\"text\":\"hi\"}")))
                .answer(ScriptedStream.text("Done."));
        EmbeddedHost host =
                start(EmbeddedHost.builder().configure(EmbeddedHost.PID, Map.of("defaultModel", "mine~work/x")));
        host.provider("mine~work", provider);
        host.tool("shout", new ShoutTool());
        host.engine("echo", (turn, events) -> {
            events.emit(new TextDelta(turn.messages().getLast().text()));
            return TurnOutcome.completed(Finish.STOP);
        });

        host.run(ask("engine/echo", "Hello"), emitter);
        assertThat(emitter.text()).isEqualTo("Hello");

        RecordingEmitter second = new RecordingEmitter();
        host.run(ask("engine/tool-chat", "Shout hi"), second);
        assertThat(second.events(ToolFinished.class))
                .extracting(ToolFinished::result)
                .containsExactly(ToolResult.text("HI false"));
        assertThat(second.text()).isEqualTo("Done.");
        assertThat(providers(host)).containsExactlyInAnyOrder("mine~work", "offline");
    }

    @Test
    void aProviderIsReplacedWhileItsStreamRuns() throws Exception {
        ScriptedStream slow = new ScriptedStream()
                .then(new TextDelta("old "))
                .thenWait()
                .then(new TextDelta("to its end"))
                .then(new Finish(Finish.STOP));
        EmbeddedHost host = host();
        EmbeddedHost.Plugin old = host.provider("mine", new ScriptedProvider().answer(slow));
        CompletableFuture<TurnSummary> running = async(() -> host.run(ask("mine/x", "Hello"), emitter));
        slow.awaitWaiting();

        EmbeddedHost.Plugin young = host.provider("mine", new ScriptedProvider().answer(ScriptedStream.text("new")));
        RecordingEmitter second = new RecordingEmitter();
        host.run(ask("mine/x", "Hello"), second);
        CompletableFuture<Boolean> gone = async(() -> {
            old.close();
            return true;
        });

        assertThat(second.text()).isEqualTo("new");
        assertThat(running).isNotDone();
        assertThat(gone).isNotDone();
        slow.release();
        running.get(10, TimeUnit.SECONDS);
        gone.get(10, TimeUnit.SECONDS);
        assertThat(emitter.text()).isEqualTo("old to its end");
        old.close();
        assertThat(young.version()).isEqualTo("1.0.2");
    }

    @Test
    void aTurnIsCancelledFromAnotherThread() throws Exception {
        ScriptedStream slow = new ScriptedStream().then(new TextDelta("a")).thenWait();
        EmbeddedHost host = host();
        host.provider("mine", new ScriptedProvider().answer(slow));
        Cancellation cancellation = new Cancellation();
        CompletableFuture<TurnSummary> running = async(() -> host.run(ask("mine/x", "Hello"), emitter, cancellation));
        slow.awaitWaiting();

        cancellation.cancel(new LlmgineException(ErrorCode.CANCELLED, "Enough."));

        assertThatThrownBy(() -> running.get(10, TimeUnit.SECONDS)).hasRootCauseMessage("Enough.");
        assertThat(slow.closes()).isPositive();
    }

    @Test
    void aJarBringsItsOwnClasses() throws IOException {
        ScriptedProvider provider = new ScriptedProvider()
                .answer(ScriptedStream.calls(new ToolCall("1", "shout", "{\"text\":\"hi\"}")))
                .answer(ScriptedStream.text("Done."));
        EmbeddedHost host = start(EmbeddedHost.builder().configure(EmbeddedHost.PID, Map.of("defaultModel", "mine/x")));
        host.provider("mine", provider);

        EmbeddedHost.Plugin plugin = host.install(shoutJar());
        host.run(ask("engine/tool-chat", "Shout hi"), emitter);

        assertThat(plugin.version()).isEqualTo("3.2.1");
        assertThat(emitter.events(ToolFinished.class))
                .extracting(ToolFinished::result)
                .containsExactly(ToolResult.text("HI true"));
        plugin.close();
        assertThat(host.commands().execute(new ListInstances(Principal.SYSTEM, LlmginePlugin.TOOL)))
                .isEmpty();
    }

    private Path shoutJar() throws IOException {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", "test.shout");
        headers.putValue("Bundle-Version", "3.2.1");
        headers.putValue("Import-Package", "org.llmgine.api.tool;version=\"[1.0,1.1)\"");
        headers.putValue("Provide-Capability", "org.llmgine.plugin;id=shout;kind=tool");
        headers.putValue("Service-Component", "OSGI-INF/shout.xml");
        Path file = folder.resolve("shout.jar");
        try (OutputStream out = Files.newOutputStream(file);
                JarOutputStream jar = new JarOutputStream(out, manifest)) {
            for (Class<?> type : List.of(ShoutTool.class, ShoutTool.Arguments.class)) {
                String name = type.getName().replace('.', '/') + ".class";
                jar.putNextEntry(new JarEntry(name));
                try (InputStream in = type.getResourceAsStream("/" + name)) {
                    in.transferTo(jar);
                }
            }
            jar.putNextEntry(new JarEntry("OSGI-INF/shout.xml"));
            jar.write("""
                    <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="shout">
                      <service><provide interface="org.llmgine.api.tool.Tool"/></service>
                      <implementation class="org.llmgine.embedded.ShoutTool"/>
                    </scr:component>
                    """.getBytes(UTF_8));
        }
        return file;
    }

    @Test
    void whatCanNotBeAPluginIsRefusedInASentence() throws IOException {
        EmbeddedHost host = host();
        Path text = Files.writeString(folder.resolve("text.jar"), "no jar");

        assertThatThrownBy(() -> host.install(text))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PLUGIN_REFUSED))
                .hasMessageContaining("text.jar");
        assertThatThrownBy(() -> host.install(folder.resolve("missing.jar")))
                .isInstanceOf(LlmgineException.class)
                .hasMessageContaining("missing.jar");
        assertThatThrownBy(() -> host.tool("My Tool", new ShoutTool()))
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.field()).contains("id"))
                .hasMessageContaining("'My Tool'");
    }

    @Test
    void sessionsOutliveTheHostInADataFolder() throws InterruptedException {
        Path data = folder.resolve("data");
        EmbeddedHost first = start(EmbeddedHost.builder().dataFolder(data));
        Session session =
                first.commands().execute(new CreateSession(Principal.SYSTEM, SessionDraft.EMPTY, Optional.empty()));
        SessionTurn turn = first.commands()
                .execute(new StartTurn(
                        Principal.SYSTEM,
                        session.id(),
                        new TurnDraft(List.of(new TextPart("Hello!")), Optional.empty())));
        try (TurnReader reader =
                first.commands().execute(new FollowTurn(Principal.SYSTEM, session.id(), turn.id(), 0))) {
            while (reader.next() != null) {
                // To its end.
            }
        }
        first.close();

        EmbeddedHost second = start(EmbeddedHost.builder().dataFolder(data));

        assertThat(second.commands()
                        .execute(new GetSession(Principal.SYSTEM, session.id()))
                        .messages())
                .hasSize(2)
                .first()
                .satisfies(entry -> assertThat(entry.message().text()).isEqualTo("Hello!"));
    }

    @Test
    void aTemporaryFolderGoesWithTheHost() {
        EmbeddedHost host = host();
        Path data = host.dataFolder();
        assertThat(data).isDirectoryContaining("glob:**store");
        assertThat(data.resolve("cli.key")).as("a key, where nobody logs in").doesNotExist();

        host.close();
        host.close();

        assertThat(data).doesNotExist();
    }

    @Test
    void aHostThatCanNotStartSaysWhy() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThatThrownBy(() -> EmbeddedHost.builder().dataFolder(file).start())
                .isInstanceOfSatisfying(
                        LlmgineException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL))
                .hasMessageStartingWith("The host didn't start: ");

        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> EmbeddedHost.builder()
                        .dataFolder(folder.resolve("data"))
                        .start())
                .isInstanceOf(LlmgineException.class);
        Thread.interrupted();
    }

    private record Greet(String name) implements Command<String> {}

    @Test
    void theBusHasHandlersAndInterceptors() {
        EmbeddedHost host = host();
        AtomicInteger seen = new AtomicInteger();
        host.bus().handle(Greet.class, (command, context) -> "Hello, " + command.name() + "!");
        EmbeddedHost.Plugin counting = host.interceptor("counting", new Interceptor() {
            @Override
            public <R> @Nullable R aroundCommand(Command<R> command, MessageContext context, CommandChain<R> next)
                    throws Exception {
                seen.incrementAndGet();
                return next.proceed();
            }
        });

        assertThat(host.bus().execute(new Greet("Ada")).orElseThrow()).isEqualTo("Hello, Ada!");
        int once = seen.get();
        counting.close();
        host.bus().execute(new Greet("Ada"));

        assertThat(once).isPositive();
        assertThat(seen).hasValue(once);
    }

    private static <T> CompletableFuture<T> async(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, Thread::startVirtualThread);
    }
}
