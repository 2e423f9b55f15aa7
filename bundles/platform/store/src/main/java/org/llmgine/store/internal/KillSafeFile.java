package org.llmgine.store.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.HashMap;
import java.util.Map;
import org.h2.mvstore.DataUtils;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * Is a file system for H2, {@code killsafe:…}, whose file names its last chunk in its header as soon as that chunk is written.
 *
 * <p>Since version 2.2 H2 writes a header that names the chunk <em>before</em> the last one when the last one is not where it was
 * foreseen. If the process is killed then, the next start doesn't find the last chunk, and what was committed with it is lost: see
 * decision 12.
 */
public final class KillSafeFile extends FilePathWrapper {
    private static final String SCHEME = "killsafe";

    /** H2 makes one for each path. */
    public KillSafeFile() {}

    /**
     * Return the address of a database in such a file. An interrupted thread doesn't close it, as it would a file of the plain kind.
     */
    static String url(String file) {
        FilePath.register(new KillSafeFile());
        return "jdbc:h2:" + SCHEME + ":async:" + file;
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        return new Channel(getBase().open(mode));
    }

    /** H2 writes under a lock of its own: there is one writer at a time. */
    private static final class Channel extends FileBaseDefault {
        private static final int BLOCK = 4096;

        /** There are two: when one is no good, the other one counts. */
        private static final int HEADERS = 2 * BLOCK;

        private static final int LONGEST_LINE = 1024;
        private static final String CHUNK = "chunk";
        private static final String VERSION = "version";
        private static final String FLETCHER = ",fletcher:";

        private final FileChannel channel;

        /** What the header says that was written last; empty as long as none was, and the file's has to be read. */
        private Map<String, String> header = Map.of();

        /**
         * The version of the chunk that it names, of those written here: what an earlier process wrote may be newer and no good.
         */
        private long newest = -1;

        Channel(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int write(ByteBuffer from, long position) throws IOException {
            int length = from.remaining();
            String line = line(from);
            if (position < HEADERS) {
                Map<String, String> given = checked(line);
                if (version(given) < newest) {
                    from.position(from.limit());
                    return length;
                }
                header = given;
                newest = version(given);
            }
            writeFully(from, position);
            if (line.startsWith(CHUNK)) {
                name(DataUtils.parseMap(line), position / BLOCK);
            }
            return length;
        }

        /** Write a header that names a chunk, unless it names a newer one: older ones are moved now and then. */
        private void name(Map<String, String> chunk, long block) throws IOException {
            if (header.isEmpty()) {
                header = readHeader();
            }
            if (header.isEmpty() || version(chunk) <= newest) {
                return;
            }
            byte[] former = bytes(header);
            HashMap<String, String> named = new HashMap<>(header);
            named.remove("clean");
            named.put("block", Long.toHexString(block));
            named.put(CHUNK, chunk.get(CHUNK));
            named.put(VERSION, chunk.get(VERSION));
            // The second one names the chunk before: it may be on the disk when a power cut has taken the last one.
            writeFully(ByteBuffer.allocate(HEADERS).put(0, bytes(named)).put(BLOCK, former), 0);
            header = named;
            newest = version(named);
        }

        private static byte[] bytes(Map<String, String> header) {
            String line = DataUtils.appendMap(new StringBuilder(), new HashMap<>(header))
                    .toString();
            return (line + FLETCHER + Integer.toHexString(fletcher(line)) + '\n').getBytes(ISO_8859_1);
        }

        /** Read the newer one of the two: who was killed may have written one only. */
        private Map<String, String> readHeader() throws IOException {
            ByteBuffer both = ByteBuffer.allocate(HEADERS);
            while (both.hasRemaining() && channel.read(both, both.position()) > 0) {
                // The rest is still to be read.
            }
            Map<String, String> first = checked(line(both.position(0)));
            Map<String, String> second = checked(line(both.position(BLOCK)));
            return version(second) > version(first) ? second : first;
        }

        private void writeFully(ByteBuffer from, long position) throws IOException {
            for (long at = position; from.hasRemaining(); ) {
                at += channel.write(from, at);
            }
        }

        /** Return what stands before the first line break, where a header or a chunk begins. */
        private static String line(ByteBuffer from) {
            byte[] start = new byte[Math.min(from.remaining(), LONGEST_LINE)];
            from.get(from.position(), start);
            String text = new String(start, ISO_8859_1);
            return text.substring(0, Math.max(0, text.indexOf('\n'))).strip();
        }

        /** Parse a header; nothing when its checksum is wrong. */
        private static Map<String, String> checked(String line) {
            int end = Math.max(0, line.lastIndexOf(FLETCHER));
            String text = line.substring(0, end);
            boolean right = line.endsWith(FLETCHER + Integer.toHexString(fletcher(text)));
            return right ? DataUtils.parseMap(text) : Map.of();
        }

        private static int fletcher(String text) {
            byte[] bytes = text.getBytes(ISO_8859_1);
            return DataUtils.getFletcher32(bytes, 0, bytes.length);
        }

        private static long version(Map<String, String> map) {
            return DataUtils.readHexLong(map, VERSION, -1);
        }

        @Override
        public int read(ByteBuffer to, long position) throws IOException {
            return channel.read(to, position);
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        protected void implTruncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void force(boolean metaData) throws IOException {
            channel.force(metaData);
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return channel.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            channel.close();
        }
    }
}
