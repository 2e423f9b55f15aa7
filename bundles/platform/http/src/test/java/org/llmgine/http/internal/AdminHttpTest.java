package org.llmgine.http.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import jakarta.ws.rs.Path;
import java.lang.reflect.Method;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.llmgine.core.command.CreateKey;
import org.osgi.framework.ServiceRegistration;

@Timeout(60)
class AdminHttpTest {
    private static Host host;

    @BeforeAll
    static void start() throws Exception {
        host = new Host();
    }

    @AfterAll
    static void stop() throws Exception {
        host.close();
    }

    @Test
    void modelsAreListedInOpenAisForm() throws Exception {
        assertThat(host.get("/v1/models").body())
                .startsWith("{\"object\":\"list\",\"data\":[{\"id\":\"default\",\"object\":\"model\",\"created\":0,"
                        + "\"owned_by\":\"llmgine\",\"target\":\"fake/plain\",\"capabilities\":[]},"
                        + "{\"id\":\"fake/plain\",\"object\":\"model\",\"created\":0,\"owned_by\":\"fake\","
                        + "\"capabilities\":[\"tools\"],\"context_tokens\":4096},");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models/fake/plain", "/v1/models/fake%2Fplain"})
    void aModelIsFoundByItsName(String path) throws Exception {
        assertThat(host.get(path).body())
                .startsWith("{\"id\":\"fake/plain\",\"object\":\"model\"")
                .endsWith("\"context_tokens\":4096}");
    }

    @Test
    void anUnknownModelIsNamed() throws Exception {
        HttpResponse<String> response = host.get("/v1/models/no/such");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body())
                .contains("There is no model no/such. GET /v1/models lists them.", "model_not_found");
    }

    @ParameterizedTest
    @CsvSource({"/api/engines,engine", "/api/providers,provider"})
    void instancesAreListed(String path, String kind) throws Exception {
        assertThat(host.get(path).body())
                .isEqualTo(
                        "{\"items\":[{\"kind\":\"" + kind
                                + "\",\"name\":\"one\",\"plugin\":\"plug\",\"version\":\"1.2.3\",\"bundle\":\"org.example.plug\","
                                + "\"state\":\"failed\",\"problem\":\"It lacks a key.\",\"inFlight\":2,\"figures\":{\"calls\":7}}]}");
    }

    @Test
    void aToolIsListedWithItsSchema() throws Exception {
        assertThat(host.get("/api/tools").body())
                .contains("\"tool\":{\"name\":\"add\",\"description\":\"Adds.\",\"parameters\":{\"type\":\"object\"},"
                        + "\"strict\":false}");
    }

    @Test
    void aLoginGivesAKey() throws Exception {
        HttpResponse<String> right = login("{\"name\":\"ann\",\"password\":\"secret\"}");
        HttpResponse<String> wrong = login("{\"name\":\"ann\",\"password\":\"guess\"}");
        HttpResponse<String> half = login("{\"name\":\"ann\"}");

        assertThat(right.statusCode()).isEqualTo(200);
        assertThat(right.body())
                .isEqualTo(
                        "{\"key\":\"" + FakeCommands.KEY
                                + "\",\"id\":\"k1\",\"account\":\"ann\",\"roles\":[\"admin\"],\"expires\":\"2026-11-22T12:00:00Z\"}");
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"llmgine\"");
        assertThat(half.statusCode()).isEqualTo(400);
        assertThat(half.body()).contains("\"field\":\"password\"", "password: is missing; it must be a string.");
    }

    @Test
    void keysAreListedWithoutSecrets() throws Exception {
        assertThat(host.get("/api/keys").body())
                .isEqualTo("{\"items\":[{\"id\":\"k1\",\"account\":\"tester\",\"label\":\"first\","
                        + "\"created\":\"2026-11-22T10:00:00Z\"},{\"id\":\"k2\",\"account\":\"tester\",\"label\":\"second\","
                        + "\"created\":\"2026-11-22T10:00:00Z\",\"expires\":\"2026-11-22T12:00:00Z\"}]}");
    }

    @Test
    void aKeyIsMadeForTheCallerOrAnother() throws Exception {
        host.commands.created.clear();
        HttpResponse<String> own = createKey("{}");
        HttpResponse<String> other = createKey("{\"account\":\"bob\",\"label\":\"ci\",\"lifetimeSeconds\":60}");

        assertThat(own.body())
                .isEqualTo(
                        "{\"key\":\"made-key\",\"id\":\"k3\",\"account\":\"tester\",\"roles\":[\"user\",\"viewer\"]}");
        assertThat(other.body()).contains("\"account\":\"bob\"", "\"expires\":\"2026-11-22T10:01:00Z\"");
        CreateKey first = host.commands.created.take();
        CreateKey second = host.commands.created.take();
        assertThat(first.lifetime()).isEmpty();
        assertThat(second.label()).isEqualTo("ci");
        assertThat(second.lifetime()).hasValue(Duration.ofMinutes(1));
    }

    @Test
    void aMistypedFieldMakesNoKey() throws Exception {
        host.commands.created.clear();
        HttpResponse<String> key = createKey("{\"lifetimeSecond\":60}");
        HttpResponse<String> login = login("{\"name\":\"ann\",\"password\":\"secret\",\"otp\":null}");

        assertThat(key.statusCode()).isEqualTo(400);
        assertThat(key.body())
                .contains(
                        "\"field\":\"lifetimeSecond\"",
                        "lifetimeSecond: is no field of this request, which takes account, label, lifetimeSeconds.");
        assertThat(host.commands.created).isEmpty();
        assertThat(login.statusCode()).isEqualTo(400);
        assertThat(login.body()).contains("\"field\":\"otp\"");
    }

    @Test
    void aBodyWithoutAKeyIsSmall() throws Exception {
        HttpResponse<String> large = login("{\"name\":\"" + "x".repeat(5000) + "\",\"password\":\"secret\"}");

        assertThat(large.statusCode()).isEqualTo(413);
        assertThat(large.body()).contains("too_large", "4096 bytes");
    }

    @Test
    void namesAndLabelsAreShortAndPlain() throws Exception {
        host.commands.created.clear();
        HttpResponse<String> name = login("{\"name\":\"" + "x".repeat(257) + "\",\"password\":\"secret\"}");
        HttpResponse<String> password = login("{\"name\":\"ann\",\"password\":\"a\\u0000b\"}");
        HttpResponse<String> label = createKey("{\"label\":\"a\\nb\"}");
        HttpResponse<String> account = createKey("{\"account\":\"" + "x".repeat(257) + "\"}");

        assertThat(name.statusCode()).isEqualTo(400);
        assertThat(name.body()).contains("\"field\":\"name\"", "at most 256 characters, got 257");
        assertThat(password.statusCode()).isEqualTo(400);
        assertThat(password.body()).contains("\"field\":\"password\"", "control characters");
        assertThat(label.body()).contains("\"field\":\"label\"", "control characters");
        assertThat(account.body()).contains("\"field\":\"account\"", "at most 256 characters");
        assertThat(host.commands.created).isEmpty();
        assertThat(login("{\"name\":\"" + "x".repeat(256) + "\",\"password\":\"secret\"}")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void aKeyIsRevoked() throws Exception {
        assertThat(delete("/api/keys/k1").body()).contains("\"id\":\"k1\"");
        HttpResponse<String> unknown = delete("/api/keys/k9");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("There is no key k9.");
    }

    @Test
    void theHostIsReadyWhenItsChecksAreGoodAndItIsWarm() throws Exception {
        assertThat(ready().body()).contains("no health check has registered yet");
        ServiceRegistration<HealthCheck> good = check("good", new Result(Result.Status.OK, "all well"));
        HttpResponse<String> cold = ready();
        host.readiness.warm();
        HttpResponse<String> warm = ready();
        ServiceRegistration<HealthCheck> bad =
                check("bad", new Result(Result.Status.TEMPORARILY_UNAVAILABLE, "the model is away"));
        HttpResponse<String> broken = ready();
        bad.unregister();
        good.unregister();

        assertThat(cold.statusCode()).isEqualTo(503);
        assertThat(cold.body()).contains("\"ready\":false", "{\"name\":\"warm-up\",\"ok\":false,");
        assertThat(warm.statusCode()).isEqualTo(200);
        assertThat(warm.body()).contains("\"ready\":true", "{\"name\":\"good\",\"ok\":true,\"message\":\"all well\"}");
        assertThat(broken.statusCode()).isEqualTo(503);
        assertThat(broken.body()).contains("{\"name\":\"bad\",\"ok\":false,\"message\":\"the model is away\"}");
    }

    @Test
    void theRootSaysWhatIsWhere() throws Exception {
        HttpResponse<String> response = host.get("/");

        assertThat(response.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain");
        assertThat(response.body()).contains("/v1/chat/completions", "/openapi.json");
    }

    @Test
    void theDescriptionHasExactlyTheResourcesPaths() throws Exception {
        JsonNode description =
                new JsonMapper().readTree(host.get("/openapi.json").body());
        TreeSet<String> described = new TreeSet<>();
        description.path("paths").fieldNames().forEachRemaining(described::add);
        TreeSet<String> real = new TreeSet<>();
        for (Class<?> resource : List.of(
                ChatResource.class,
                ModelsResource.class,
                InstancesResource.class,
                LoginResource.class,
                KeysResource.class,
                LogsResource.class,
                EventsResource.class,
                DeadLettersResource.class,
                TimersResource.class,
                AuditResource.class,
                BackupResource.class,
                PluginsResource.class,
                ConfigResource.class,
                SessionsResource.class,
                TurnsResource.class,
                ApprovalsResource.class,
                HealthResource.class)) {
            for (Method method : resource.getDeclaredMethods()) {
                if (List.of(method.getAnnotations()).stream()
                        .anyMatch(each -> each.annotationType().getPackageName().equals("jakarta.ws.rs")
                                && each.annotationType().getSimpleName().matches("GET|POST|PUT|PATCH|DELETE"))) {
                    real.add(path(resource.getAnnotation(Path.class))
                            + path(method.getAnnotation(Path.class)).replace("{id:.+}", "{id}"));
                }
            }
        }

        assertThat(description.path("openapi").asText()).startsWith("3.1");
        assertThat(described).isEqualTo(real);
        assertThat(description
                        .path("components")
                        .path("securitySchemes")
                        .path("key")
                        .path("scheme")
                        .asText())
                .isEqualTo("bearer");
    }

    @Test
    void theDescriptionNamesEveryHonouredField() throws Exception {
        JsonNode properties = new JsonMapper()
                .readTree(host.get("/openapi.json").body())
                .path("components")
                .path("schemas")
                .path("ChatCompletionRequest")
                .path("properties");
        TreeSet<String> described = new TreeSet<>();
        properties.fieldNames().forEachRemaining(described::add);
        TreeSet<String> honoured = new TreeSet<>();
        for (ChatField field : ChatField.values()) {
            if (field.rule() == ChatField.Rule.HONOURED) {
                honoured.add(field.fieldName());
            }
        }

        assertThat(described).isEqualTo(honoured);
    }

    private static String path(Path path) {
        return Optional.ofNullable(path).map(Path::value).orElse("");
    }

    private static ServiceRegistration<HealthCheck> check(String name, Result result) {
        return host.context()
                .registerService(
                        HealthCheck.class,
                        () -> result,
                        Host.properties(HealthCheck.NAME, name, HealthCheck.TAGS, "ready"));
    }

    private static HttpResponse<String> ready() throws Exception {
        return host.client.send(
                HttpRequest.newBuilder(host.uri("/health/ready")).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> login(String body) throws Exception {
        return host.client.send(
                HttpRequest.newBuilder(host.uri("/api/login"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> createKey(String body) throws Exception {
        return host.client.send(
                host.request("/api/keys")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> delete(String path) throws Exception {
        return host.client.send(host.request(path).DELETE().build(), HttpResponse.BodyHandlers.ofString());
    }
}
