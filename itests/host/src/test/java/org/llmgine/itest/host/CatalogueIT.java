package org.llmgine.itest.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Plugins come from catalogues: the distribution's own, and a signed one over HTTP. Only what is vouched for may come. */
final class CatalogueIT {
    private static final Map<String, byte[]> SERVED = new ConcurrentHashMap<>();

    private static Host host;
    private static HttpServer server;
    private static KeyStore ann;

    @BeforeAll
    static void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = SERVED.get(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(body == null ? 404 : 200, body == null ? -1 : body.length);
            if (body != null) {
                exchange.getResponseBody().write(body);
            }
            exchange.close();
        });
        server.start();
        ann = new TlsCertificates(Fixtures.TARGET.resolve("keepers")).make("ann");
        Path trust = Fixtures.TARGET.resolve("keepers/trust.pem");
        Files.writeString(
                trust,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        TlsCertificates.certificateOf(ann).getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        host = Host.unpack("catalogue")
                .withSettings(
                        "org.llmgine.plugins",
                        "signatures = require\ntrustStore = " + trust + "\ncatalogues = catalogue, http://127.0.0.1:"
                                + server.getAddress().getPort() + "/ann\n")
                .start();
    }

    @AfterAll
    static void stop() {
        host.close();
        server.stop(0);
    }

    private static void keep(String index) throws Exception {
        byte[] bytes = index.getBytes(StandardCharsets.UTF_8);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(TlsCertificates.keyOf(ann));
        signature.update(bytes);
        SERVED.put("/ann/index.json", bytes);
        SERVED.put("/ann/index.json.sig", signature.sign());
    }

    private static String entry(String version, Path jar, String api) throws Exception {
        String name = "greeter-" + version + ".jar";
        byte[] bytes = Files.readAllBytes(jar);
        SERVED.put("/ann/" + name, bytes);
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        return "{\"version\": \"" + version + "\", \"url\": \"" + name + "\", \"sha256\": \"" + sha256
                + "\", \"api\": {\"org.llmgine.api.tool\": \"" + api + "\"}}";
    }

    @Test
    void thePluginsOfTheDistributionAreOffered() throws IOException {
        JsonNode listing = host.api().json("/api/plugins/catalogue?q=tool");

        assertThat(listing.path("items"))
                .extracting(entry -> entry.path("id").asText())
                .contains("calculator", "clock");
        Until.holds(
                Duration.ofSeconds(20),
                () -> "the clock is not there",
                () -> host.api().get("/api/plugins/clock").statusCode() == 200);
        HttpResponse<String> removed = host.api().call("DELETE", "/api/plugins/clock", "");
        assertThat(removed.statusCode()).as(removed.body()).isEqualTo(200);
        Until.holds(
                Duration.ofSeconds(20),
                () -> "the clock has not gone",
                () -> host.api().instance("tools", "clock").isMissingNode());

        HttpResponse<String> answer = host.api().post("/api/plugins", "{\"catalogue\":\"clock\"}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("The catalogue LLMgine of this host vouches for its SHA-256.");
        assertThat(host.api()
                        .json("/api/plugins/clock")
                        .path("versions")
                        .path(0)
                        .path("source")
                        .asText())
                .isEqualTo("clock 1.0.0.SNAPSHOT of the catalogue LLMgine");
        assertThat(host.api().instance("tools", "clock").path("state").asText()).isEqualTo("active");
    }

    @Test
    void aSignedCatalogueOverHttpVouchesForItsJars() throws Exception {
        Path jar = PluginBuilder.greeter("1.0.0").build("offered");
        keep("{\"format\": 1, \"name\": \"Ann's\", \"plugins\": [{\"id\": \"greeter\", \"versions\": ["
                + entry("2.0.0", jar, "[9.0,10)") + "," + entry("1.0.0", jar, "[1.0,2)") + "]}]}");

        JsonNode offered = host.api()
                .json("/api/plugins/catalogue?q=greeter")
                .path("items")
                .path(0);
        assertThat(offered.path("versions").path(0).path("problem").asText())
                .contains("org.llmgine.api.tool in version [9.0,10)");
        assertThat(host.api().upload("/api/plugins", jar, "application/json").statusCode())
                .isEqualTo(422);
        HttpResponse<String> answer = host.api().post("/api/plugins", "{\"catalogue\":\"greeter\"}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body())
                .contains("\"version\":\"1.0.0\"", "The catalogue Ann's, signed by CN=ann, vouches for its SHA-256.");
        HttpResponse<String> newer =
                host.api().post("/api/plugins", "{\"catalogue\":\"greeter\",\"version\":\"2.0.0\"}");
        assertThat(newer.statusCode()).isEqualTo(422);
        assertThat(newer.body()).contains("No version of greeter in the catalogues fits this host");

        SERVED.put("/ann/index.json", "{\"format\": 1}".getBytes(StandardCharsets.UTF_8));
        assertThat(host.api()
                        .json("/api/plugins/catalogue")
                        .path("problems")
                        .path(0)
                        .asText())
                .contains("It was changed after it was signed");
        keep("{\"format\": 1, \"plugins\": [{\"id\": \"other\", \"versions\": ["
                + entry("1.0.0", PluginBuilder.greeter("1.5.0").build("other"), "[1.0,2)")
                        .replaceFirst("\"sha256\": \"..", "\"sha256\": \"00")
                + "]}]}");
        HttpResponse<String> swapped = host.api().post("/api/plugins", "{\"catalogue\":\"other\"}");
        assertThat(swapped.statusCode()).isEqualTo(422);
        assertThat(swapped.body()).contains("it is another jar. Get it again.");
    }

    @Test
    void aRequestNamesOneSource() {
        for (String wrong : new String[] {
            "{\"catalogue\":\"clock\",\"url\":\"file:/x.jar\"}",
            "{\"version\":\"1\",\"mvn\":\"g/a/1\"}",
            "{\"version\":\"1\"}"
        }) {
            assertThat(host.api().post("/api/plugins", wrong).statusCode())
                    .as(wrong)
                    .isEqualTo(400);
        }
        assertThat(host.api().get("/api/plugins/catalogue?query=x").statusCode())
                .isEqualTo(400);
        assertThat(host.api().post("/api/plugins", "{\"catalogue\":\"nobody\"}").statusCode())
                .isEqualTo(404);
    }
}
