package org.llmgine.http.internal;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.Commands;
import org.llmgine.core.command.BackupReport;
import org.llmgine.core.command.RestoreBackup;
import org.llmgine.core.command.WriteBackup;

/** Backups of all that is stored; for admins. */
@Path("/api")
@Tag(name = "Backup")
@Singleton
public final class BackupResource {
    /** Where a body may be as large as a backup. */
    static final String RESTORE = "/api/restore";

    private static final String ZIP = "application/zip";
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("'llmgine-'yyyyMMdd-HHmmss'.zip'").withZone(ZoneOffset.UTC);

    private final Commands commands;

    @Inject
    public BackupResource(Commands commands) {
        this.commands = commands;
    }

    /** Write a backup here, past Jersey, which finds the response committed. */
    @GET
    @Path("/backup")
    @Operation(
            summary = "Take a backup while the host runs",
            description =
                    "The zip shows one moment. One that broke off has no manifest.json, and is refused when it is restored.")
    @ApiResponse(
            responseCode = "200",
            description = "the backup",
            content = @Content(mediaType = ZIP, schema = @Schema(type = "string", format = "binary")))
    public void backup(@Context HttpServletRequest http, @Context HttpServletResponse response) throws IOException {
        response.setContentType(ZIP);
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("Content-Disposition", "attachment; filename=\"" + NAME.format(Instant.now()) + "\"");
        try {
            commands.execute(new WriteBackup(Callers.of(http), response.getOutputStream()));
            response.flushBuffer();
        } catch (LlmgineException e) {
            if (response.isCommitted()) {
                // It has no manifest, by which the reader sees that it isn't whole; the store told the log.
                return;
            }
            response.reset();
            throw e;
        }
    }

    @POST
    @Path("/restore")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Put a backup in the place of all that is stored",
            description =
                    "All of it or nothing. Refused while turns of sessions are in progress. Keys are the backup's afterwards.")
    public Report restore(
            @Context HttpServletRequest http,
            @RequestBody(
                            required = true,
                            content = @Content(mediaType = ZIP, schema = @Schema(type = "string", format = "binary")))
                    InputStream body) {
        try {
            java.nio.file.Path file = Files.createTempFile("llmgine-restore-", ".zip");
            try {
                Spool.write(body, file);
                return Report.of(commands.execute(new RestoreBackup(Callers.of(http), file)));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new LlmgineException(ErrorCode.UNAVAILABLE, "The host can't keep the backup in a temporary file.", e)
                    .withHint("Is its disk full?");
        }
    }

    @Schema(name = "BackupReport")
    public record Report(String created, String hostVersion, int schemaVersion, Map<String, Long> counts) {
        private static Report of(BackupReport report) {
            return new Report(
                    report.created().toString(), report.hostVersion(), report.schemaVersion(), report.counts());
        }
    }
}
