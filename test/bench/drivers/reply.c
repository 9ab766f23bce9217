/* The limit: a program that only prints the reply to init. */
#include <unistd.h>

int main(void) {
  static const char reply[] = "{\"status\":\"Success\",\"capabilities\":{\"attach\":false}}\n";
  return write(1, reply, sizeof reply - 1) == sizeof reply - 1 ? 0 : 1;
}
