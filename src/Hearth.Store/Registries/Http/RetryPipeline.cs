using Polly;
using Polly.Retry;

namespace Hearth.Store.Registries.Http;

/// <summary>Tries again what may go well the next time.</summary>
internal static class RetryPipeline
{
    /// <summary>Longer waits that a registry asks for are not waited, but told.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(30);

    /// <summary>Makes a pipeline that tries again after exceptions that say that this may help.</summary>
    public static ResiliencePipeline Create(RegistryOptions options, TimeProvider time, Action<string>? onRetry)
    {
        ResiliencePipelineBuilder builder = new() { TimeProvider = time };
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = s_longestDelay,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is RegistryException { IsTransient: true }),
                DelayGenerator = arguments => ValueTask.FromResult((arguments.Outcome.Exception as RegistryException)?.RetryAfter),
                OnRetry = arguments =>
                {
                    onRetry?.Invoke($"{arguments.Outcome.Exception!.Message} Trying again ({arguments.AttemptNumber + 1} of {options.Retries}) in {arguments.RetryDelay.TotalSeconds:F1} s.");
                    return ValueTask.CompletedTask;
                },
            });
        }

        return builder.Build();
    }
}
