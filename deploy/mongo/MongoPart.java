import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.KeyConstraintError;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

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
    protected MongoDatabase openOrCreateDatabase(String name) {
      return new H2Database(name, getMvStore(), getCursorRegistry()) {
        @Override
        protected Index<Object> openOrCreateUniqueIndex(String collection, String indexName, List<IndexKey> keys, boolean sparse) {
          return new UniqueIndex(super.openOrCreateUniqueIndex(collection, indexName, keys, sparse), keys, sparse);
        }
      };
    }

    @Override
    public Document handleMessage(MongoMessage message) {
      var asked = TextOrder.INWARD.applyTo(message.getDocument());
      var command = asked.keySet().iterator().next();
      var answer = command.equals("update") ? updateInOrder(message, asked) : answerTo(message, asked);
      if (WRITES.contains(command)) commit();
      return answer;
    }

    /** One at a time: an answer holds the very documents of the store, which a write changes in place, until it is copied on its way out. */
    private synchronized Document answerTo(MongoMessage message, Document asked) {
      return TextOrder.OUTWARD.applyTo(super.handleMessage(new MongoMessage(message.getChannel(), message.getHeader(), asked)));
    }

    /** The server goes on after an operation that fails; MongoDB does so only where the command says that it is not ordered. Between two operations others have their turn, as there. */
    private Document updateInOrder(MongoMessage message, Document asked) {
      var operations = (List<?>) asked.get("updates");
      if (operations.size() < 2 || Boolean.FALSE.equals(asked.get("ordered"))) return answerTo(message, asked);
      var all = new Document("n", 0).append("nModified", 0);
      for (int place = 0; place < operations.size() && !all.containsKey("writeErrors"); place++) {
        var one = new Document();
        one.putAll(asked);
        one.put("updates", List.of(operations.get(place)));
        var answer = answerTo(message, one);
        if (!answer.containsKey("n")) return answer;
        for (var count : List.of("n", "nModified"))
          all.put(count, ((Number) all.get(count)).intValue() + ((Number) answer.getOrDefault(count, 0)).intValue());
        for (var list : List.of("upserted", "writeErrors")) appendAt(place, (List<?>) answer.get(list), list, all);
        all.put("ok", answer.get("ok"));
      }
      return all;
    }

    private static void appendAt(int place, List<?> entries, String name, Document all) {
      if (entries == null || entries.isEmpty()) return;
      @SuppressWarnings("unchecked")
      var list = (List<Object>) all.computeIfAbsent(name, missing -> new ArrayList<>());
      for (var entry : entries) {
        var moved = new Document("index", place);
        ((Document) entry).forEach((field, value) -> moved.putIfAbsent(field, value));
        list.add(moved);
      }
    }
  }

  /** The server takes an index only for a query of its very fields; this one also where the query asks for more, as every guarded replace does. */
  private static final class UniqueIndex extends Index<Object> {
    private final Index<Object> index;

    UniqueIndex(Index<Object> index, List<IndexKey> keys, boolean sparse) {
      super(index.getName(), keys, sparse);
      this.index = index;
    }

    private Document own(Document query) {
      var own = new Document();
      for (var key : keys()) if (query.containsKey(key)) own.put(key, query.get(key));
      return own;
    }

    @Override
    public boolean canHandle(Document query) {
      return index.canHandle(own(query));
    }

    @Override
    public Iterable<Object> getPositions(Document query) {
      return index.getPositions(own(query));
    }

    @Override
    public Object getPosition(Document document) {
      return index.getPosition(document);
    }

    @Override
    public void checkAdd(Document document, MongoCollection<Object> collection) {
      index.checkAdd(document, collection);
    }

    @Override
    public void add(Document document, Object position, MongoCollection<Object> collection) {
      index.add(document, position, collection);
    }

    @Override
    public Object remove(Document document) {
      return index.remove(document);
    }

    @Override
    public void checkUpdate(Document before, Document after, MongoCollection<Object> collection) {
      index.checkUpdate(before, after, collection);
    }

    @Override
    public void updateInPlace(Document before, Document after, Object position, MongoCollection<Object> collection) throws KeyConstraintError {
      index.updateInPlace(before, after, position, collection);
    }

    @Override
    public long getCount() {
      return index.getCount();
    }

    @Override
    public long getDataSize() {
      return index.getDataSize();
    }

    @Override
    public boolean isUnique() {
      return index.isUnique();
    }

    @Override
    public void drop() {
      index.drop();
    }
  }

  /**
   * MongoDB orders text by code point, this server by UTF-16 unit. So inside of it the units from U+E000 on stand below the surrogates, which puts both orders
   * in agreement; at its border they change places.
   */
  private enum TextOrder {
    INWARD,
    OUTWARD;

    Document applyTo(Document document) {
      var changed = new Document();
      document.forEach((name, value) -> changed.put(name, applyToValue(value)));
      return changed;
    }

    private Object applyToValue(Object value) {
      if (value instanceof Document document) return applyTo(document);
      if (value instanceof List<?> list) return list.stream().map(this::applyToValue).collect(Collectors.toCollection(ArrayList::new));
      return value instanceof String text && hasMoved(text) ? applyToText(text) : value;
    }

    private static boolean hasMoved(String text) {
      for (int place = 0; place < text.length(); place++) if (text.charAt(place) >= 0xd800) return true;
      return false;
    }

    private String applyToText(String text) {
      var units = text.toCharArray();
      for (int place = 0; place < units.length; place++) units[place] = applyToUnit(units[place]);
      return new String(units);
    }

    private char applyToUnit(char unit) {
      if (unit < 0xd800) return unit;
      if (this == INWARD) return (char) (unit < 0xe000 ? unit + 0x2000 : unit - 0x800);
      return (char) (unit < 0xf800 ? unit + 0x800 : unit - 0x2000);
    }
  }
}
