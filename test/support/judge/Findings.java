// What is wrong, as sentences.
import java.util.*;

class Findings {
  static final int most = 20;
  final List<String> failures = new ArrayList<>();

  /** Notes the failure unless it holds; returns whether it holds. */
  boolean check(boolean holds, String failure) {
    if (!holds && failures.size() < most) failures.add(failure);
    return holds;
  }
}
