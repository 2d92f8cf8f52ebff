"""What is heard in a recording: onsets, pitches, levels.

Samples are float64 in [-1, 1], one channel, shape (frames,).
"""

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.signal import fftconvolve

Samples = NDArray[np.float64]

SILENCE_DB = -70.0  # of full scale; the quietest note of the test rig is above −45


class Sound:
    """A recording, addressed in seconds from its beginning."""

    def __init__(self, samples: Samples, rate: int) -> None:
        self.samples = samples
        self.rate = rate

    @property
    def length_s(self) -> float:
        return len(self.samples) / self.rate

    def between(self, from_s: float, to_s: float) -> Samples:
        """The samples of [from_s, to_s)."""
        return self.samples[max(round(from_s * self.rate), 0) : max(round(to_s * self.rate), 0)]

    def onsets(self, threshold_db: float = -50.0, gap_s: float = 0.03) -> list[float]:
        """The moments, in seconds, at which the sound rises above the threshold after `gap_s` below it."""
        loud = np.flatnonzero(np.abs(self.samples) > 10 ** (threshold_db / 20))
        if len(loud) == 0:
            return []
        first = np.concatenate(([True], np.diff(loud) > gap_s * self.rate))
        return [float(frame) / self.rate for frame in loud[first]]

    def level_db(self, from_s: float, to_s: float) -> float:
        """RMS of [from_s, to_s) in dB of full scale; −200 for digital silence."""
        window = self.between(from_s, to_s)
        rms = float(np.sqrt(np.mean(window**2))) if len(window) else 0.0
        return 20 * float(np.log10(max(rms, 1e-10)))

    def is_silent(self, from_s: float, to_s: float) -> bool:
        """No sample of [from_s, to_s) is louder than the silence level."""
        window = self.between(from_s, to_s)
        return len(window) > 0 and float(np.abs(window).max()) < 10 ** (SILENCE_DB / 20)

    def silent_from(self) -> float:
        """The moment, in seconds, after which nothing is heard any more."""
        loud = np.flatnonzero(np.abs(self.samples) >= 10 ** (SILENCE_DB / 20))
        return float(loud[-1] + 1) / self.rate if len(loud) else 0.0

    def strongest_hz(self, from_s: float, to_s: float, lowest_hz: float = 20.0) -> float:
        """The frequency of the strongest partial of [from_s, to_s)."""
        window = self.between(from_s, to_s)
        padded = 8 * len(window)  # a finer grid of frequencies for the same resolution
        spectrum = np.abs(np.fft.rfft(window * np.hanning(len(window)), padded))
        spectrum[: int(lowest_hz * padded / self.rate)] = 0
        return float(np.argmax(spectrum)) * self.rate / padded

    def strongest_pitch(self, from_s: float, to_s: float) -> float:
        """The strongest partial as a MIDI pitch with its fraction: 69.0 for 440 Hz."""
        return pitch_of(self.strongest_hz(from_s, to_s))

    def matches(self, sample: Samples, near_s: float, within_s: float = 0.03) -> tuple[float, float]:
        """Where `sample` is heard best near a moment, and how alike: (seconds, correlation 0–1)."""
        first = max(round((near_s - within_s) * self.rate), 0)
        heard = self.samples[first : first + 2 * round(within_s * self.rate) + len(sample)]
        correlation = fftconvolve(heard, sample[::-1], mode="valid")
        energy = fftconvolve(heard**2, np.ones(len(sample)), mode="valid")
        alike = correlation / np.sqrt(np.maximum(energy, 1e-12) * np.sum(sample**2))
        best = int(np.argmax(alike))
        return (first + best) / self.rate, float(alike[best])


def load(path: Path) -> Sound:
    """The left channel of a WAV file."""
    return load_channels(path)[0]


def load_channels(path: Path) -> list[Sound]:
    """Each channel of a WAV file."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", wavfile.WavFileWarning
        )  # the server writes a chunk that SciPy does not know
        rate, data = wavfile.read(path)
    samples = np.asarray(data, dtype=np.float64)
    if np.issubdtype(data.dtype, np.integer):
        samples = samples / np.iinfo(data.dtype).max
    return [Sound(channel, int(rate)) for channel in np.atleast_2d(samples.T)]


def pitch_of(hz: float) -> float:
    """The MIDI pitch of a frequency.

    >>> pitch_of(440.0)
    69.0
    """
    return 69 + 12 * float(np.log2(hz / 440))


def residuals_ms(heard_s: list[float], expected_s: list[float]) -> Samples:
    """How far each moment lies from where it belongs, in ms, less the one constant offset between two clocks.

    The slope stays 1: a loop that drifts shows.

    >>> residuals_ms([10.0, 10.5, 11.002], [0.0, 0.5, 1.0]).round(1).tolist()
    [-0.7, -0.7, 1.3]
    """
    difference = (np.array(heard_s) - np.array(expected_s)) * 1000
    return np.asarray(difference - difference.mean(), dtype=np.float64)
