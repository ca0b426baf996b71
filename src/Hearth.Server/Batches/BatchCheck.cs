using Hearth.Server.Errors;
using Hearth.Server.Files;

namespace Hearth.Server.Batches;

/// <summary>Reads the lines of a batch before any is answered.</summary>
internal sealed class BatchCheck
{
    private const int MaxErrors = 100;
    private readonly List<BatchError> _errors = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private string? _model;
    private bool _hasOneModel = true;

    private BatchCheck()
    {
    }

    /// <summary>What is wrong; empty where nothing is.</summary>
    public IReadOnlyList<BatchError> Errors => _errors;

    /// <summary>Lines that are requests.</summary>
    public int Lines => _ids.Count;

    /// <summary>The model that all lines name; null where they do not.</summary>
    public string? Model => _hasOneModel ? _model : null;

    /// <summary>Reads a file.</summary>
    public static async Task<BatchCheck> RunAsync(Stream file, string endpoint, FileLimits limits, CancellationToken cancellationToken)
    {
        BatchCheck check = new();
        await foreach (JsonLine line in JsonLines.ReadAsync(file, limits.MaxLineBytes, cancellationToken))
        {
            if (check.Lines >= limits.MaxLines && !line.Content.IsEmpty)
            {
                check.Add("too_many_lines", $"The file has more than {limits.MaxLines} lines.", null, line.Number);
                break;
            }

            check.Take(line, endpoint, limits);
            if (check._errors.Count == MaxErrors)
            {
                break;
            }
        }

        if (check is { Lines: 0, _errors.Count: 0 })
        {
            check.Add("empty_file", "The file has no lines.", null, null);
        }

        return check;
    }

    private void Take(JsonLine line, string endpoint, FileLimits limits)
    {
        if (line.Bytes is null)
        {
            Add("line_too_long", $"The line has more than {limits.MaxLineBytes} bytes.", null, line.Number);
        }
        else if (!line.Content.IsEmpty)
        {
            try
            {
                BatchLine parsed = BatchLine.Parse(line.Content, endpoint);
                if (!_ids.Add(parsed.CustomId))
                {
                    Add("duplicate_custom_id", "Another line before it has the same 'custom_id'.", "custom_id", line.Number);
                }

                _hasOneModel &= _ids.Count == 1 || _model == parsed.Model;
                _model = parsed.Model;
            }
            catch (ApiException exception)
            {
                Add(exception.Code ?? "invalid_value", exception.Message, exception.Parameter, line.Number);
            }
        }
    }

    private void Add(string code, string message, string? parameter, int? line) => _errors.Add(new BatchError(code, message, parameter, line));
}
