import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * mongo-java-server on a file of its own: {@code java MongoPart <host> <port> <existing folder>}. It is a part for tests and never what
 * Tutti is run on.
 */
final class MongoPart {
  public static void main(String[] args) throws InterruptedException {
    var backend = new CommittingBackend(Path.of(args[2], "mongo.mv"));
    // The Node.js driver refuses a server that claims less than MongoDB 4.4; every command that Tutti sends is understood.
    backend.version(new ClaimedVersion(List.of(5, 0, 0), 13));
    var server = new MongoServer(backend);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    server.bind(args[0], Integer.parseInt(args[1]));
    Thread.currentThread().join();
  }

  private record ClaimedVersion(List<Integer> versionArray, int wireVersion) implements MongoVersion {
    @Override
    public List<Integer> getVersionArray() {
      return versionArray;
    }

    @Override
    public int getWireVersion() {
      return wireVersion;
    }
  }

  /** An acknowledged write is in the file before its answer: it outlives the process (not the machine, which would take a sync). */
  private static final class CommittingBackend extends H2Backend {
    private static final Set<String> WRITES =
        Set.of("insert", "update", "delete", "findAndModify", "create", "createIndexes", "dropIndexes", "drop", "dropDatabase", "renameCollection");

    CommittingBackend(Path file) {
      super(file.toString());
      getMvStore().setAutoCommitDelay(0);
    }

    @Override
    public Document handleMessage(MongoMessage message) {
      var answer = super.handleMessage(message);
      if (WRITES.contains(message.getDocument().keySet().iterator().next())) commit();
      return answer;
    }
  }
}
