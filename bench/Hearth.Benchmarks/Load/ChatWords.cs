namespace Hearth.Benchmarks.Load;

/// <summary>The words of chat messages: common ones, which most vocabularies have as one token each.</summary>
internal static class ChatWords
{
    private static readonly string[] s_words =
    [
        "the", "of", "and", "to", "in", "is", "that", "for", "it", "as", "was", "with", "be", "by", "on", "not", "he", "his", "but",
        "at", "are", "this", "have", "from", "or", "had", "an", "they", "which", "one", "you", "were", "all", "her", "she", "there",
        "would", "their", "we", "him", "been", "has", "when", "who", "will", "no", "more", "if", "out", "so", "up", "said", "what",
        "its", "about", "than", "into", "them", "can", "only", "other", "time", "new", "some", "could", "these", "two", "may",
        "first", "then", "do", "any", "like", "my", "now", "over", "such", "our", "man", "me", "even", "most", "made", "after",
        "also", "did", "many", "off", "before", "must", "well", "back", "through", "years", "where", "much", "your", "way", "down",
        "should", "because", "long", "each", "just", "state", "those", "people", "too", "mr", "how", "little", "good", "world",
        "make", "very", "year", "still", "see", "work", "life", "men", "day", "house", "water",
    ];

    /// <summary>The numbers that words have.</summary>
    public static LengthDistribution Numbers { get; } = LengthDistribution.Parse($"1:{s_words.Length}");

    public static string Text(IEnumerable<int> numbers) => string.Join(' ', numbers.Select(number => s_words[number - 1]));
}
