import java.nio.file.Files
import java.nio.file.Path

// An archetype's file sets know no conditions: all kinds are generated, and the one that was asked for is kept.
def kinds = ['tool', 'provider', 'engine', 'observer', 'interceptor']
def kind = request.properties.getProperty('kind')
Path project = Path.of(request.outputDirectory, request.artifactId)

// Maven checks the expressions of archetype-metadata.xml only when it asks a person.
def problem = null
if (!(kind in kinds)) {
    problem = "There is no kind '$kind', only ${kinds.join(', ')}."
} else if (!(request.artifactId ==~ /[a-z][a-z0-9-]{0,63}/)) {
    problem = "'$request.artifactId' is no name of a plugin: use lower-case letters, digits and hyphens, 64 at most, and begin with a letter."
}
if (problem) {
    (kinds + ['.mvn']).each { project.resolve(it).toFile().deleteDir() }
    ['mvnw', 'pom.xml', 'README.md'].each { Files.deleteIfExists(project.resolve(it)) }
    project.toFile().delete()
    throw new IllegalArgumentException(problem)
}

Files.move(project.resolve(kind).resolve('src'), project.resolve('src'))
kinds.each { project.resolve(it).toFile().deleteDir() }
project.resolve('mvnw').toFile().setExecutable(true, false)
project.resolve('.gitignore').toFile().text = 'target/\n'
