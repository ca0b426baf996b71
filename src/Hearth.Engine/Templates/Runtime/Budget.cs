using System.Runtime.CompilerServices;

namespace Hearth.Engine.Templates.Runtime;

/// <summary>What one rendering may still cost: steps, text, nesting; and the place where cancellation is seen.</summary>
internal sealed class Budget(TemplateRenderOptions options, CancellationToken ct)
{
    private const int CharactersPerStep = 16;
    private const int StepsBetweenCancellationChecks = 4096;

    private readonly int _maxDepth = options.MaxDepth;
    private long _left = options.MaxSteps;
    private long _nextCheck = Math.Max(0, options.MaxSteps - StepsBetweenCancellationChecks);
    private int _depth;

    /// <summary>The most characters in one string.</summary>
    public int MaxLength { get; } = options.MaxLength;

    /// <summary>Takes <paramref name="steps"/> from what is left.</summary>
    public void Charge(long steps = 1)
    {
        _left -= steps;
        if (_left < _nextCheck)
        {
            Check();
        }
    }

    /// <summary>Takes the cost of making or reading <paramref name="length"/> characters, and refuses a text that is too long.</summary>
    public void ChargeText(long length)
    {
        CheckLength(length);
        Charge(1 + length / CharactersPerStep);
    }

    /// <summary>Refuses a text of more than <see cref="MaxLength"/> characters.</summary>
    public void CheckLength(long length)
    {
        if (length > MaxLength)
        {
            throw TemplateException.Budget($"A text of {length} characters was asked for, and {MaxLength} are allowed.");
        }
    }

    /// <summary>Goes one level deeper; each call is paired with <see cref="Leave"/>.</summary>
    public void Enter()
    {
        if (++_depth > _maxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            int limit = Math.Min(_depth, _maxDepth);
            throw TemplateException.Budget(
                $"The template is nested too deeply: more than {limit} levels of expressions, blocks or calls.");
        }
    }

    /// <summary>Comes back from <see cref="Enter"/>.</summary>
    public void Leave() => _depth--;

    private void Check()
    {
        ct.ThrowIfCancellationRequested();
        if (_left < 0)
        {
            throw TemplateException.Budget($"The template needs more than the {options.MaxSteps} steps that a rendering may take.");
        }

        _nextCheck = Math.Max(0, _left - StepsBetweenCancellationChecks);
    }
}
