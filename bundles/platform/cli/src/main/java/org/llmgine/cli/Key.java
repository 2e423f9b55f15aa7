package org.llmgine.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Holds the API key and where it comes from.
 *
 * @param value the key; empty when there is none
 * @param refused what to say when the host doesn't accept it
 */
record Key(String value, String refused) {
    /**
     * Take the key from {@code LLMGINE_KEY}, else from {@code cli.key} in the data folder. That one belongs to the host on this
     * machine and is sent to no other.
     */
    static Key find(Io io, URI host) throws HostException {
        String variable = io.variable("LLMGINE_KEY", "");
        if (!variable.isEmpty()) {
            return checked(variable, "LLMGINE_KEY");
        }
        String data = io.variable("LLMGINE_DATA", "");
        if (!isHere(host.getHost())) {
            return new Key("", "Set LLMGINE_KEY to a key of " + host + ".");
        }
        if (data.isEmpty()) {
            return new Key(
                    "", "Set LLMGINE_KEY to a key, or LLMGINE_DATA to the host's data folder, which holds cli.key.");
        }
        Path file = Path.of(data, "cli.key");
        try {
            return checked(Files.readString(file).strip(), file.toString());
        } catch (NoSuchFileException e) {
            return new Key("", "Set LLMGINE_KEY to a key: there is no " + file + ".");
        } catch (IOException e) {
            throw new HostException(ExitCode.NO_PERMISSION, "The key in " + file + " can't be read: " + e.getMessage());
        }
    }

    private static Key checked(String value, String source) throws HostException {
        if (!value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new HostException(
                    ExitCode.NO_PERMISSION, source + " holds no key: only ASCII without spaces is one.");
        }
        return new Key(value, "The key came from " + source + ": is it one of this host?");
    }

    private static boolean isHere(String name) {
        if (name.equals("127.0.0.1") || name.equals("localhost")) {
            return true; // at once, without asking the network
        }
        try {
            InetAddress address = InetAddress.getByName(name);
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (UnknownHostException | SocketException e) {
            return false;
        }
    }
}
