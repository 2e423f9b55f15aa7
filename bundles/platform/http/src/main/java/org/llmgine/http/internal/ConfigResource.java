package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.Commands;
import org.llmgine.core.settings.ChangeSettings;
import org.llmgine.core.settings.Configuration;
import org.llmgine.core.settings.ConfigurationEntry;
import org.llmgine.core.settings.GetConfiguration;
import org.llmgine.core.settings.ListConfigurations;
import org.llmgine.core.settings.ListSettingsChanges;
import org.llmgine.core.settings.RemoveSettings;
import org.llmgine.core.settings.RollBackSettings;
import org.llmgine.core.settings.SettingsChange;

/** The settings of the host and of plugins; for operators, the list for all. */
@Path("/api/config")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Settings")
@Singleton
public final class ConfigResource {
    private static final int DEFAULT_LIMIT = 20;
    private static final Pattern VERSION = Pattern.compile("\"?(\\d{1,18})\"?");
    private static final String PID = "the PID, or PID~NAME";

    private final Json json;
    private final Commands commands;

    @Inject
    public ConfigResource(Json json, Commands commands) {
        this.json = json;
        this.commands = commands;
    }

    @GET
    @Operation(summary = "List what can be configured")
    public Configurations list(@Context HttpServletRequest http, @Context UriInfo uri) {
        Queries.only(uri);
        return new Configurations(commands.execute(new ListConfigurations(Callers.of(http))).stream()
                .map(Described::of)
                .toList());
    }

    @GET
    @Path("/{pid}")
    @Operation(summary = "Read a configuration: its JSON Schema, what is in force, and where that comes from")
    @ApiResponse(
            responseCode = "200",
            description = "the configuration; its ETag is the version",
            content = @Content(schema = @Schema(implementation = View.class)))
    public Response get(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(description = PID) @PathParam("pid") String pid) {
        Queries.only(uri);
        return answer(commands.execute(new GetConfiguration(Callers.of(http), pid)));
    }

    @PUT
    @Path("/{pid}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Store settings in the place of those that are stored, and put them in force",
            description = "All or none. A secret that is left out stays; null takes it away.")
    @ApiResponse(
            responseCode = "200",
            description = "the configuration as it is then",
            content = @Content(schema = @Schema(implementation = View.class)))
    public Response replace(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(description = PID) @PathParam("pid") String pid,
            @Parameter(description = "the version that is to be changed") @HeaderParam("If-Match") @Nullable String ifMatch,
            @RequestBody(
                            required = true,
                            description = "the settings by name, as the configuration's schema has them",
                            content = @Content(schema = @Schema(type = "object")))
                    InputStream body) {
        Queries.only(uri);
        return answer(commands.execute(change(http, pid, ifMatch, body, true)));
    }

    @PATCH
    @Path("/{pid}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Store some settings, and put them in force",
            description = "All or none. What is left out stays as it is stored; null takes a stored value away.")
    @ApiResponse(
            responseCode = "200",
            description = "the configuration as it is then",
            content = @Content(schema = @Schema(implementation = View.class)))
    public Response merge(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(description = PID) @PathParam("pid") String pid,
            @Parameter(description = "the version that is to be changed") @HeaderParam("If-Match") @Nullable String ifMatch,
            @RequestBody(
                            required = true,
                            description = "the settings by name, as the configuration's schema has them",
                            content = @Content(schema = @Schema(type = "object")))
                    InputStream body) {
        Queries.only(uri);
        return answer(commands.execute(change(http, pid, ifMatch, body, false)));
    }

    private ChangeSettings change(
            HttpServletRequest http, String pid, @Nullable String ifMatch, InputStream body, boolean replace) {
        Map<String, Object> values = new LinkedHashMap<>();
        Set<String> unset = new HashSet<>();
        json.read(body).fields((name, value) -> {
            if (value.given()) {
                values.put(name, json.plain(value.node()));
            } else {
                unset.add(name);
            }
        });
        return new ChangeSettings(Callers.of(http), pid, values, unset, replace, version(ifMatch));
    }

    private static OptionalLong version(@Nullable String ifMatch) {
        if (ifMatch == null || ifMatch.equals("*")) {
            return OptionalLong.empty();
        }
        Matcher version = VERSION.matcher(ifMatch.strip());
        if (!version.matches()) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "If-Match must be a version, as the ETag has it.")
                    .withField("If-Match");
        }
        return OptionalLong.of(Long.parseLong(version.group(1)));
    }

    @DELETE
    @Path("/{pid}")
    @Operation(
            summary = "Store nothing any more for a configuration, and return that change",
            description = "Files, variables and defaults count then; an instance that was only stored is gone.")
    public Change remove(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(description = PID) @PathParam("pid") String pid) {
        Queries.only(uri);
        return Change.of(commands.execute(new RemoveSettings(Callers.of(http), pid)));
    }

    @GET
    @Path("/{pid}/history")
    @Operation(summary = "List what was changed in a configuration, newest first")
    public Changes history(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(description = PID) @PathParam("pid") String pid,
            @Parameter(
                            description = "the version before which to begin; the newest when absent",
                            schema = @Schema(type = "integer", minimum = "1"))
                    @QueryParam("before")
                    @Nullable String before,
            @Parameter(
                            description = "how many at most",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "100", defaultValue = "20"))
                    @QueryParam("limit")
                    @Nullable String limit) {
        Queries.only(uri, "before", "limit");
        return new Changes(commands
                .execute(new ListSettingsChanges(
                        Callers.of(http),
                        pid,
                        before == null ? 0 : Numbers.in("before", before, 1, Integer.MAX_VALUE),
                        limit == null ? DEFAULT_LIMIT : (int) Numbers.in("limit", limit, 1, ListSettingsChanges.MOST)))
                .stream()
                .map(Change::of)
                .toList());
    }

    @POST
    @Path("/{pid}/rollback")
    @Operation(
            summary = "Store again what was stored at a former version",
            description = "That is a new version. Without 'to' it is the one before the last change.")
    @ApiResponse(
            responseCode = "200",
            description = "the configuration as it is then",
            content = @Content(schema = @Schema(implementation = View.class)))
    public Response rollback(
            @Context HttpServletRequest http,
            @Context UriInfo uri,
            @Parameter(description = PID) @PathParam("pid") String pid,
            @Parameter(description = "the version", schema = @Schema(type = "integer", minimum = "1"))
                    @QueryParam("to")
                    @Nullable String to) {
        Queries.only(uri, "to");
        return answer(commands.execute(new RollBackSettings(
                Callers.of(http),
                pid,
                to == null ? OptionalLong.empty() : OptionalLong.of(Numbers.in("to", to, 1, Integer.MAX_VALUE)))));
    }

    private static Response answer(Configuration configuration) {
        return Response.ok(View.of(configuration))
                .tag(Long.toString(configuration.version()))
                .build();
    }

    public record Configurations(List<Described> items) {}

    @Schema(name = "ConfigurationEntry")
    public record Described(
            String pid,
            boolean factory,
            String name,
            String description,
            String bundle,

            @Schema(description = "the plugin's id; absent for the host's own") @Nullable String plugin,

            @Schema(description = "the PIDs of the instances that there are")
            List<String> instances) {
        private static Described of(ConfigurationEntry entry) {
            return new Described(
                    entry.pid(),
                    entry.factory(),
                    entry.name(),
                    entry.description(),
                    entry.bundle(),
                    entry.plugin().orElse(null),
                    entry.instances());
        }
    }

    @Schema(name = "Configuration")
    public record View(
            String pid,
            Described about,

            @Schema(description = "the number of the last change; 0 when there was none")
            long version,

            @Schema(description = "whether settings are stored for it")
            boolean stored,

            @Schema(description = "the JSON Schema, draft 2020-12, of the settings", type = "object")
            Map<String, Object> schema,

            List<Setting> settings) {
        private static View of(Configuration configuration) {
            return new View(
                    configuration.pid(),
                    Described.of(configuration.about()),
                    configuration.version(),
                    configuration.stored(),
                    configuration.schema(),
                    configuration.settings().stream().map(Setting::of).toList());
        }
    }

    @Schema(name = "Setting")
    public record Setting(
            String name,

            @Schema(
                    description = "what is in force, in the schema's type; absent for none, and for a secret",
                    types = {})
            @Nullable Object value,

            boolean secret,

            @Schema(description = "whether there is a value")
            boolean set,

            @Schema(description = "whether one is stored; where the origin is another, that one comes before it")
            boolean stored,

            @Schema(allowableValues = {"stored", "file", "variable", "other", "default"})
            String origin,

            @Schema(description = "the file or the variable") @Nullable String source,

            @Schema(description = "what is wrong with the value, in whose place the last good one serves") @Nullable String problem) {
        private static Setting of(org.llmgine.core.settings.Setting setting) {
            return new Setting(
                    setting.name(),
                    setting.value().orElse(null),
                    setting.secret(),
                    setting.set(),
                    setting.stored(),
                    setting.origin(),
                    setting.source().isEmpty() ? null : setting.source(),
                    setting.problem().orElse(null));
        }
    }

    @Schema(name = "SettingsChanges")
    public record Changes(List<Change> items) {}

    @Schema(name = "SettingsChange")
    public record Change(
            String pid,
            long version,
            String time,
            String principal,

            @Schema(description = "whether nothing is stored since")
            boolean removed,

            @Schema(description = "the settings that were another before")
            List<String> changed,

            @Schema(description = "what is stored since, without secrets", type = "object")
            Map<String, Object> values,

            @Schema(description = "the secrets that are stored since, by name")
            List<String> secrets) {
        private static Change of(SettingsChange change) {
            return new Change(
                    change.pid(),
                    change.version(),
                    change.time().toString(),
                    change.principal(),
                    change.removed(),
                    change.changed(),
                    change.values(),
                    change.secrets());
        }
    }
}
