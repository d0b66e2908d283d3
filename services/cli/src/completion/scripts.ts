export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/**
 * Each asks `tutti __complete` with the words up to the cursor. It answers a line for each candidate, with a tab before what is said of it, and at
 * last `:files`, `:folders` or `:end` for what the shell is to add.
 */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of tutti; put this into ~/.bashrc: source <(tutti completion bash)
_tutti() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line answer
  local -a words=() lines=()
  # Bash breaks words at = and @: what stands there without a blank before it belongs together.
  local i joined="" rest="\${COMP_LINE:0:COMP_POINT}"
  for ((i = 0; i <= COMP_CWORD; i++)); do
    local word="\${COMP_WORDS[i]}"
    [[ $i -eq COMP_CWORD ]] && word="\${word:0:\${#rest}}"
    if [[ $i -gt 0 && -n $word && $rest == "$word"* && -n $joined ]]; then
      words[\${#words[@]}-1]+="$word"
    else
      words+=("$word")
      rest="\${rest#"\${rest%%[![:space:]]*}"}"
    fi
    rest="\${rest#"$word"}"
    joined=""
    [[ -n $rest && $rest != [[:space:]]* ]] && joined=1
  done
  local whole="\${words[\${#words[@]}-1]}"
  # Right behind a = the shell takes what is to come for a word of its own.
  [[ $current == [=@] ]] && current=""
  local broken="\${whole%"$current"}"
  COMPREPLY=()
  answer="$(tutti __complete -- "\${words[@]:1}" 2>/dev/null)" || return 0
  while IFS= read -r line; do
    case "$line" in
      :files) compopt -o filenames 2>/dev/null; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$current") ;;
      :folders) compopt -o filenames 2>/dev/null; while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$current") ;;
      :end) ;;
      *) line="\${line%%$'\\t'*}"; COMPREPLY+=("\${line#"$broken"}") ;;
    esac
  done <<< "$answer"
}
complete -F _tutti tutti
`,
  zsh: `#compdef tutti
# zsh completion of tutti; put this into ~/.zshrc after compinit: source <(tutti completion zsh)
_tutti() {
  local line
  local -a values descriptions
  for line in "\${(@f)$(tutti __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case "$line" in
      (:files) _files ;;
      (:folders) _files -/ ;;
      (:end|"") ;;
      (*)
        values+=("\${line%%$'\\t'*}")
        descriptions+=("\${line/$'\\t'/  -- }") ;;
    esac
  done
  (( \${#values} )) && compadd -l -d descriptions -a values
  return 0
}
(( $+functions[compdef] )) && compdef _tutti tutti
`,
  fish: `# fish completion of tutti; put this into ~/.config/fish/config.fish: tutti completion fish | source
function __tutti_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in (tutti __complete -- $words[2..-1] 2>/dev/null)
    switch $line
      case ':files'
        __fish_complete_path (commandline -ct)
      case ':folders'
        __fish_complete_directories (commandline -ct)
      case ':end' ''
      case '*'
        echo $line
    end
  end
end
complete -c tutti -f -a '(__tutti_complete)'
`,
};
