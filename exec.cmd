@rem The npm scripts begin with the shell's "exec", so that a signal to npm reaches the script itself and npm waits for it.
@rem Windows has no "exec"; there this file, found in the project's folder, runs the rest of the line.
@%*
