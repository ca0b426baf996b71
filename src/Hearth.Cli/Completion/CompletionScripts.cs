using Hearth.Cli.Commands;

namespace Hearth.Cli.Completion;

/// <summary>Scripts that let shells ask <c>hearth</c> what a word may become.</summary>
internal static class CompletionScripts
{
    /// <summary>The shells.</summary>
    public static readonly string[] Shells = ["bash", "zsh", "fish", "powershell"];

    // Bash ends words at ':' and '=', so what stands before the last of these must not come again. Files are completed where nothing else is.
    private const string Bash = $$"""
        _hearth() {
            local line=${COMP_LINE:0:COMP_POINT}
            local word=${line##*[[:space:]]}
            local before=${word%"${word##*[:=]}"}
            local candidate
            COMPREPLY=()
            while IFS=$'\t' read -r candidate _; do
                COMPREPLY+=("${candidate#"$before"}")
            done < <("${COMP_WORDS[0]}" {{CompletionCommand.SuggestName}} -- "$line" 2>/dev/null)
        }
        complete -o default -F _hearth hearth

        """;

    private const string Zsh = $$"""
        #compdef hearth
        _hearth() {
            local -a candidates
            local candidate detail
            while IFS=$'\t' read -r candidate detail; do
                candidates+=("${candidate//:/\\:}${detail:+:$detail}")
            done < <("${words[1]}" {{CompletionCommand.SuggestName}} -- "$LBUFFER" 2>/dev/null)
            if (( ${#candidates} )); then
                _describe hearth candidates
            else
                _files
            fi
        }
        if [ "${funcstack[1]}" = _hearth ]; then
            _hearth "$@"
        else
            compdef _hearth hearth
        fi

        """;

    private const string Fish = $$"""
        complete -c hearth -a '(hearth {{CompletionCommand.SuggestName}} -- (commandline -cp) 2>/dev/null)'

        """;

    private const string PowerShell = $$"""
        Register-ArgumentCompleter -Native -CommandName hearth -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $line = $commandAst.Extent.Text.PadRight($cursorPosition).Substring(0, $cursorPosition)
            hearth {{CompletionCommand.SuggestName}} '--' $line 2>$null | ForEach-Object {
                $label, $detail = $_ -split "`t", 2
                if (-not $detail) { $detail = $label }
                [System.Management.Automation.CompletionResult]::new($label, $label, 'ParameterValue', $detail)
            }
        }

        """;

    /// <summary>The script of a shell.</summary>
    public static string Of(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        "fish" => Fish,
        _ => PowerShell,
    };
}
