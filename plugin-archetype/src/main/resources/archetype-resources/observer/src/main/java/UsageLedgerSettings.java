package ${package};

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

@ObjectClassDefinition(name = "Observer ${artifactId}", description = "Writes a ledger of who used what.")
@interface UsageLedgerSettings {
    @AttributeDefinition(
            name = "File",
            description = "The CSV file; a relative path lies in the host's data folder.")
    String file() default "${artifactId}.csv";

    @AttributeDefinition(
            name = "Size (KiB)",
            description = "From how many KiB on a new file is begun; the former one gets the ending .1, and the one before"
                    + " that goes.",
            min = "1",
            max = "1048576")
    long maxFileKiB() default 10_240;
}
