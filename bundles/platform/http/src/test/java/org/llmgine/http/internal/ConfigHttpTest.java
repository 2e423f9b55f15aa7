package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.command.Command;
import org.llmgine.core.settings.ChangeSettings;
import org.llmgine.core.settings.Configuration;
import org.llmgine.core.settings.ConfigurationEntry;
import org.llmgine.core.settings.GetConfiguration;
import org.llmgine.core.settings.ListConfigurations;
import org.llmgine.core.settings.ListSettingsChanges;
import org.llmgine.core.settings.RemoveSettings;
import org.llmgine.core.settings.RollBackSettings;
import org.llmgine.core.settings.Setting;
import org.llmgine.core.settings.SettingsChange;

/** What HTTP makes of the commands of settings. */
@Timeout(60)
class ConfigHttpTest {
    private static final Principal TESTER = new Principal("tester", Set.of(Principal.USER));
    private static final String PATH = "/api/config/org.example~work";
    private static final ConfigurationEntry ENTRY = new ConfigurationEntry(
            "org.example",
            true,
            "Example",
            "It is one.",
            "org.example",
            Optional.of("example"),
            List.of("org.example~work"));
    private static final String ENTRY_JSON =
            "{\"pid\":\"org.example\",\"factory\":true,\"name\":\"Example\",\"description\":\"It is one.\","
                    + "\"bundle\":\"org.example\",\"plugin\":\"example\",\"instances\":[\"org.example~work\"]}";
    private static final Configuration CONFIGURATION = new Configuration(
            ENTRY,
            "org.example~work",
            7,
            true,
            Map.of("type", "object"),
            List.of(
                    new Setting(
                            "limit", Optional.of(3L), false, true, true, Setting.FILE, "etc/x.cfg", Optional.of("No.")),
                    new Setting("key", Optional.empty(), true, true, true, Setting.STORED, "", Optional.empty())));
    private static final String JSON = "{\"pid\":\"org.example~work\",\"about\":" + ENTRY_JSON
            + ",\"version\":7,\"stored\":true,\"schema\":{\"type\":\"object\"},\"settings\":["
            + "{\"name\":\"limit\",\"value\":3,\"secret\":false,\"set\":true,\"stored\":true,\"origin\":\"file\","
            + "\"source\":\"etc/x.cfg\",\"problem\":\"No.\"},"
            + "{\"name\":\"key\",\"secret\":true,\"set\":true,\"stored\":true,\"origin\":\"stored\"}]}";
    private static final SettingsChange CHANGE = new SettingsChange(
            "org.example~work",
            7,
            Instant.parse("2026-11-22T10:00:00Z"),
            "ann",
            false,
            List.of("limit", "key"),
            Map.of("limit", 3L),
            List.of("key"));
    private static final String CHANGE_JSON =
            "{\"pid\":\"org.example~work\",\"version\":7,\"time\":\"2026-11-22T10:00:00Z\",\"principal\":\"ann\","
                    + "\"removed\":false,\"changed\":[\"limit\",\"key\"],\"values\":{\"limit\":3},\"secrets\":[\"key\"]}";

    private static Host host;
    private static final BlockingQueue<Command<?>> ASKED = new LinkedBlockingQueue<>();

    @BeforeAll
    static void start() throws Exception {
        host = new Host();
        on(ListConfigurations.class, command -> List.of(ENTRY));
        on(GetConfiguration.class, command -> CONFIGURATION);
        on(ChangeSettings.class, command -> CONFIGURATION);
        on(RemoveSettings.class, command -> CHANGE);
        on(ListSettingsChanges.class, command -> List.of(CHANGE));
        on(RollBackSettings.class, command -> CONFIGURATION);
    }

    private static <C extends Command<?>> void on(Class<C> type, Function<C, Object> answer) {
        host.commands.others.put(type, command -> {
            ASKED.add(command);
            return answer.apply(type.cast(command));
        });
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    @BeforeEach
    void forget() {
        ASKED.clear();
    }

    private static HttpResponse<String> send(String method, String path, String body, String... headers)
            throws Exception {
        HttpRequest.Builder request = host.request(path).method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return host.client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void configurationsAreListedAndRead() throws Exception {
        assertThat(host.get("/api/config").body()).isEqualTo("{\"items\":[" + ENTRY_JSON + "]}");
        assertThat(ASKED.take()).isEqualTo(new ListConfigurations(TESTER));

        HttpResponse<String> one = host.get(PATH);
        assertThat(one.body()).isEqualTo(JSON);
        assertThat(one.headers().firstValue("ETag")).contains("\"7\"");
        assertThat(ASKED.take()).isEqualTo(new GetConfiguration(TESTER, "org.example~work"));
    }

    @Test
    void settingsAreReplacedOrMerged() throws Exception {
        String body = "{\"limit\":3,\"share\":0.5,\"names\":[\"a\"],\"flag\":true,\"key\":null}";
        Map<String, Object> values = Map.of("limit", 3, "share", 0.5, "names", List.of("a"), "flag", true);

        HttpResponse<String> put = send("PUT", PATH, body);
        assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
        assertThat(put.body()).isEqualTo(JSON);
        assertThat(ASKED.take())
                .isEqualTo(new ChangeSettings(
                        TESTER, "org.example~work", values, Set.of("key"), true, OptionalLong.empty()));
        assertThat(send("PATCH", PATH, body, "If-Match", "\"6\"").body()).isEqualTo(JSON);
        assertThat(ASKED.take())
                .isEqualTo(new ChangeSettings(
                        TESTER, "org.example~work", values, Set.of("key"), false, OptionalLong.of(6)));
        send("PATCH", PATH, body, "If-Match", "*");
        assertThat(((ChangeSettings) ASKED.take()).version()).isEmpty();
    }

    @Test
    void aRefusalNamesTheSetting() throws Exception {
        on(ChangeSettings.class, command -> {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "limit must be a whole number.").withField("limit");
        });
        HttpResponse<String> refused = send("PUT", PATH, "{\"limit\":\"x\"}");
        on(ChangeSettings.class, command -> CONFIGURATION);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("\"field\":\"limit\"", "limit must be a whole number.");
    }

    @Test
    void theChangesAreListed() throws Exception {
        assertThat(host.get(PATH + "/history").body()).isEqualTo("{\"items\":[" + CHANGE_JSON + "]}");
        assertThat(ASKED.take()).isEqualTo(new ListSettingsChanges(TESTER, "org.example~work", 0, 20));
        host.get(PATH + "/history?before=5&limit=100");
        assertThat(ASKED.take()).isEqualTo(new ListSettingsChanges(TESTER, "org.example~work", 5, 100));
    }

    @Test
    void settingsAreRemovedAndRolledBack() throws Exception {
        assertThat(send("DELETE", PATH, "").body()).isEqualTo(CHANGE_JSON);
        assertThat(ASKED.take()).isEqualTo(new RemoveSettings(TESTER, "org.example~work"));
        assertThat(send("POST", PATH + "/rollback", "").body()).isEqualTo(JSON);
        assertThat(ASKED.take()).isEqualTo(new RollBackSettings(TESTER, "org.example~work", OptionalLong.empty()));
        send("POST", PATH + "/rollback?to=3", "");
        assertThat(ASKED.take()).isEqualTo(new RollBackSettings(TESTER, "org.example~work", OptionalLong.of(3)));
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/history?limit=0,limit",
        "GET,/history?before=x,before",
        "GET,?all=true,all",
        "POST,/rollback?to=0,to",
        "POST,/rollback?version=1,version"
    })
    void whatIsMistypedIsNamed(String method, String rest, String field) throws Exception {
        HttpResponse<String> refused = send(method, PATH + rest, "");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("\"field\":\"" + field + "\"");
        assertThat(ASKED).isEmpty();
    }

    @Test
    void aVersionThatIsNoneIsRefused() throws Exception {
        HttpResponse<String> refused = send("PUT", PATH, "{}", "If-Match", "\"abc\"");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("If-Match must be a version");
        assertThat(send("PUT", PATH, "[]").statusCode()).isEqualTo(400);
        assertThat(ASKED).isEmpty();
    }
}
