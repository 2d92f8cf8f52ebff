// MIDI devices that exist only in a text file: stands for the ALSA sequencer, which a test machine lacks. Each line of the
// file named by PSC2_TEST_DEVICES is "uid <tab> device <tab> name", and may come and go while sclang runs. Without that
// variable there is no sequencer at all, and opening it fails as it does on a machine without sound.
+ MIDIClient {
	*prInitClient {
		if ("PSC2_TEST_DEVICES".getenv.isNil) { Error("no sequencer").throw };
	}

	*prInit { }

	*prDisposeClient { }

	*prList {
		var lines = File.readAllString("PSC2_TEST_DEVICES".getenv).split(Char.nl).reject(_.isEmpty);
		var rows = lines.collect(_.split(Char.tab));
		^[rows.collect { |row| row[0].asInteger }, rows.collect(_[1]), rows.collect(_[2]), [], [], []]
	}
}

+ MIDIIn {
	*connectByUID { |port, uid|
		"PSC2_TEST: port % hears %".format(port, uid).postln;
	}
}
